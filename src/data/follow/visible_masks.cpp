#include "data/follow/visible_masks.hpp"

#include "core/progress.hpp"

namespace retime {
namespace {

constexpr float kBody = 0.5F;

/// Each pixel belongs to who is most probable there.
std::vector<BoxMask> shared_out(const std::vector<const Sighting*>& bodies, const cv::Size& size) {
  cv::Mat best(size, CV_32F, cv::Scalar(kBody)), owner = cv::Mat::zeros(size, CV_8U);
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (!bodies[i]) continue;
    const cv::Rect box = bodies[i]->mask.box();
    const cv::Mat probability = bodies[i]->mask.part(box);
    cv::Mat least = best(box);
    const cv::Mat wins = probability > least;
    probability.copyTo(least, wins);
    owner(box).setTo(static_cast<double>(i + 1), wins);
  }
  std::vector<BoxMask> masks;
  for (std::size_t i = 0; i < bodies.size(); ++i)
    masks.push_back(bodies[i] ? box_mask_from_full(owner == static_cast<int>(i + 1)) : BoxMask{});
  return masks;
}

}  // namespace

std::vector<std::vector<BoxMask>> visible_masks(const FrameSequence& frames, const std::vector<Tracklet>& people,
                                                bool show_progress) {
  const cv::Size size(frames.size().width, frames.size().height);
  std::vector<std::vector<BoxMask>> result(people.size());
  Progress progress("masks", "frames", frames.count(), show_progress);
  for (int t = 0; t < frames.count(); ++t) {
    std::vector<const Sighting*> bodies;
    for (const auto& person : people) {
      const auto found = person.find(t);
      bodies.push_back(found == person.end() ? nullptr : &found->second);
    }
    auto masks = shared_out(bodies, size);
    for (std::size_t i = 0; i < people.size(); ++i) result[i].push_back(std::move(masks[i]));
    progress.update(t + 1);
  }
  return result;
}

}  // namespace retime
