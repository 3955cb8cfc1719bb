#pragma once

#include <functional>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/follow/people_finder.hpp"
#include "tests/data/follow/bodies.hpp"

namespace retime::test {

/// Somebody who walks through drawn frames. Later ones are nearer.
struct DrawnPerson {
  std::function<cv::Point2f(int)> hips;
  cv::Scalar colour;
  float size = 100;
  int first = 0, last = 1000;
  bool has_box = true;
  int found_until = 1000;           // later frames show nobody who does not know where to look
  int hidden = 1000, shown = 1000;  // from frame `hidden` on nothing is seen, until frame `shown`
  bool is_there(int frame) const { return frame >= first && frame <= last && (frame < hidden || frame >= shown); }
  bool is_found(int frame) const { return is_there(frame) && frame <= found_until; }
};

/// Frames with their people, and a finder that knows them: it tells frames by a mark in a corner.
class DrawnPeople final : public FrameSequence, public PeopleFinder {
 public:
  DrawnPeople(int count, std::vector<DrawnPerson> people) : count_(count), people_(std::move(people)) {}

  int count() const override { return count_; }
  Size size() const override { return kBodyFrames; }
  cv::Mat frame(int t) const override {
    cv::Mat rgb(kBodyFrames.height, kBodyFrames.width, CV_8UC3);
    cv::RNG(7).fill(rgb, cv::RNG::UNIFORM, 60, 200);
    cv::GaussianBlur(rgb, rgb, {}, 3);
    for (const auto& person : people_)
      if (person.is_there(t)) paint_body(rgb, person.hips(t), person.size, person.colour);
    rgb.at<cv::Vec3b>(0, 0)[0] = static_cast<uchar>(t);
    return rgb;
  }
  cv::Point2f hips(std::size_t who, int t) const { return people_[who].hips(t); }
  /// What is visible of somebody.
  cv::Mat mask(std::size_t who, int t) const {
    cv::Mat mask = cv::Mat::zeros(kBodyFrames.height, kBodyFrames.width, CV_8U);
    if (people_[who].is_there(t)) mask = body_mask(people_[who].hips(t), people_[who].size);
    for (std::size_t nearer = who + 1; nearer < people_.size(); ++nearer)
      if (people_[nearer].is_there(t)) mask.setTo(0, body_mask(people_[nearer].hips(t), people_[nearer].size));
    return mask;
  }

  std::vector<PersonBox> boxes(const cv::Mat& rgb) override {
    ++searches;
    std::vector<PersonBox> boxes;
    for (const auto& person : people_)
      if (person.is_found(frame_of(rgb)) && person.has_box)
        boxes.push_back({cv::Rect2f(cv::boundingRect(body_mask(person.hips(frame_of(rgb)), person.size))), 0.9F});
    return boxes;
  }
  std::vector<PoseRegion> regions(const cv::Mat& rgb) override {
    std::vector<PoseRegion> regions;
    for (const auto& person : people_)
      if (person.is_found(frame_of(rgb))) regions.push_back({person.hips(frame_of(rgb)), 1.25F * person.size, 0});
    return regions;
  }
  PoseRegion region_of(const cv::Mat&, const cv::Rect2f& box) override {
    return {(box.tl() + box.br()) * 0.5F, 1.25F * box.height, 0};
  }
  /// The pose of who is nearest to the middle of the region, if anybody is.
  Pose estimate(const cv::Mat& rgb, const PoseRegion& region) override {
    const int t = frame_of(rgb);
    const DrawnPerson* best = nullptr;
    const auto distance = [&](const DrawnPerson& person) { return cv::norm(person.hips(t) - region.centre); };
    for (const auto& person : people_)
      if (person.is_there(t) && distance(person) < 0.4 * region.side && (!best || distance(person) < distance(*best)))
        best = &person;
    return best ? body_pose(best->hips(t), best->size) : body_pose(region.centre, 50, 0.1F);
  }

  int searches = 0;

 private:
  static int frame_of(const cv::Mat& rgb) { return rgb.at<cv::Vec3b>(0, 0)[0]; }

  int count_;
  std::vector<DrawnPerson> people_;
};

inline std::function<cv::Point2f(int)> walking(cv::Point2f start, cv::Point2f step) {
  return [=](int t) { return start + step * static_cast<float>(t); };
}

}  // namespace retime::test
