#include "model/state/upsample_state.hpp"

#include <algorithm>
#include <string>

namespace retime {
namespace {

const std::string kPrefix = "upsampler.";

// Where a name goes on behind its group.
std::size_t name_start(const NamedArray& array) { return array.name.find('/') + 1; }

bool is_upsamplers(const NamedArray& array) {
  return array.name.compare(name_start(array), kPrefix.size(), kPrefix) == 0;
}

}  // namespace

bool has_upsampler(const Checkpoint& checkpoint) {
  return std::any_of(checkpoint.arrays.begin(), checkpoint.arrays.end(), is_upsamplers);
}

Checkpoint upsampler_part(const Checkpoint& checkpoint) {
  Checkpoint part;
  for (const auto& array : checkpoint.arrays) {
    if (!is_upsamplers(array)) continue;
    part.arrays.push_back(array);
    part.arrays.back().name.erase(name_start(array), kPrefix.size());
  }
  return part;
}

std::vector<NamedArray> without_upsampler(std::vector<NamedArray> arrays) {
  std::erase_if(arrays, is_upsamplers);
  return arrays;
}

std::vector<NamedArray> named_as_upsampler(std::vector<NamedArray> arrays) {
  for (auto& array : arrays) array.name.insert(name_start(array), kPrefix);
  return arrays;
}

}  // namespace retime
