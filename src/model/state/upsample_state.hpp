#pragma once

#include <vector>

#include "format/checkpoint.hpp"

namespace retime {

/// The upsampling network's arrays lie beside those of the layers, as "parameters/upsampler.conv1.weight". True when a
/// checkpoint holds them.
bool has_upsampler(const Checkpoint& checkpoint);
/// Those arrays alone, under the names that the network itself gives them.
Checkpoint upsampler_part(const Checkpoint& checkpoint);
/// The arrays that are not the network's.
std::vector<NamedArray> without_upsampler(std::vector<NamedArray> arrays);
/// Names of the network itself to names in a checkpoint.
std::vector<NamedArray> named_as_upsampler(std::vector<NamedArray> arrays);

}  // namespace retime
