#include "data/masks/map_coverage.hpp"

#include <fmt/format.h>

#include "data/masks/object_maps.hpp"

namespace retime {
namespace {

constexpr double kLeastCovered = 0.8;  // of a mask
constexpr int kFewFrames = 3;          // with less than that, that are told

}  // namespace

void MapCoverage::add(int object, int frame, const cv::Mat& iuv, const BoxMask& mask) {
  if (mask.empty()) return;
  const double covered =
      cv::countNonZero(part_mask(iuv(mask.box)) & mask.crop()) / static_cast<double>(std::max(1, mask.area()));
  if (covered >= kLeastCovered) return;
  auto& gaps = gaps_.at(static_cast<std::size_t>(object));
  if (gaps.frames == 0) gaps.first = frame;
  gaps.last = frame;
  gaps.covered += covered;
  ++gaps.frames;
}

std::string MapCoverage::problem(int object) const {
  const auto& gaps = gaps_.at(static_cast<std::size_t>(object));
  if (gaps.frames < kFewFrames) return {};
  return fmt::format("its maps cover {:.0f} % of its masks in {} of the frames {} to {}: the rest is in no layer",
                     100 * gaps.covered / gaps.frames, gaps.frames, gaps.first, gaps.last);
}

}  // namespace retime
