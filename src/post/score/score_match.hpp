#pragma once

#include <vector>

#include "post/compose/layer_source.hpp"
#include "post/score/truth_folder.hpp"

namespace retime {

/// The layer of `source` for each object of the truth: of the same name, else by overlap of the alphas (logged).
/// Throws Error if there are not as many object layers as objects.
std::vector<int> match_layers(LayerSource& source, const TruthFolder& truth);

}  // namespace retime
