#include "data/keypoints/joint_layouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/text.hpp"

namespace retime {
namespace {

// Where COCO's joints stand among the others.
using JointOrder = std::array<std::size_t, kCocoJointCount>;
constexpr JointOrder kFirst{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr JointOrder kBody25{0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11};
constexpr JointOrder kOpenPoseCoco{0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10};
constexpr JointOrder kBlazePose{0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};

struct JointLayout {
  JointFamily family;
  std::size_t joints;
  const JointOrder* order;
};
constexpr JointLayout kLayouts[]{
    {JointFamily::kCoco, 17, &kFirst},         {JointFamily::kCoco, 26, &kFirst},
    {JointFamily::kCoco, 133, &kFirst},        {JointFamily::kCoco, 136, &kFirst},
    {JointFamily::kOpenPose, 25, &kBody25},    {JointFamily::kOpenPose, 18, &kOpenPoseCoco},
    {JointFamily::kMediaPipe, 33, &kBlazePose}};

const JointOrder& order_of(const JsonRecord& list, std::size_t joints, JointFamily family) {
  std::string known;
  for (const auto& layout : kLayouts) {
    if (layout.family != family) continue;
    if (layout.joints == joints) return *layout.order;
    known += (known.empty() ? "" : ", ") + std::to_string(layout.joints);
  }
  list.fail(fmt::format("it has {} (known here: {})", counted(static_cast<std::int64_t>(joints), "joint"), known),
            "run the estimator with a model of such joints");
}

Joint joint_from(double x, double y, double confidence) {
  const bool nowhere = x == 0 && y == 0;
  return {static_cast<float>(x), static_cast<float>(y), nowhere ? 0.F : static_cast<float>(std::max(confidence, 0.0))};
}

CocoJoints pick(const JointOrder& order, const std::function<Joint(std::size_t)>& joint) {
  CocoJoints joints;
  std::transform(order.begin(), order.end(), joints.begin(), joint);
  return joints;
}

Joint joint_of_list(const JsonRecord& point) {
  const auto count = point.count();
  if (count != 2 && count != 3)
    point.fail(fmt::format("it has {} numbers (a joint has x, y and perhaps a confidence)", count), "export it again");
  return joint_from(point.at(std::size_t{0}).number(), point.at(1).number(), count == 3 ? point.at(2).number() : 1);
}

Joint joint_of_landmark(const JsonRecord& point) {
  if (!point.value().is_object()) {
    const auto count = point.count();
    if (count < 2) point.fail("it has no x and y", "export it again");
    return joint_from(point.at(std::size_t{0}).number(), point.at(1).number(), count > 3 ? point.at(3).number() : 1);
  }
  const auto sure = {"visibility", "presence", "score"};
  return joint_from(point.at({"x"}).number(), point.at({"y"}).number(),
                    point.has_any(sure) ? point.at(sure).number() : 1);
}

}  // namespace

CocoJoints read_joints(const JsonRecord& list, JointFamily family) {
  const auto count = list.count();
  if (count > 0 && list.value()[0].is_array())
    return pick(order_of(list, count, family), [&](std::size_t i) { return joint_of_list(list.at(i)); });
  if (count % 3 != 0)
    list.fail(fmt::format("it has {} numbers (three for each joint: x, y, confidence)", count), "export it again");
  return pick(order_of(list, count / 3, family), [&](std::size_t i) {
    return joint_from(list.at(3 * i).number(), list.at(3 * i + 1).number(), list.at(3 * i + 2).number());
  });
}

CocoJoints read_joints(const JsonRecord& list, const JsonRecord& scores, JointFamily family) {
  const auto count = list.count();
  if (scores.count() != count)
    scores.fail(fmt::format("it has {} for {}", counted(static_cast<std::int64_t>(scores.count()), "score"),
                            counted(static_cast<std::int64_t>(count), "joint")),
                "export it again");
  return pick(order_of(list, count, family), [&](std::size_t i) {
    const Joint joint = joint_of_list(list.at(i));
    return joint_from(joint.x, joint.y, scores.at(i).number());
  });
}

CocoJoints read_landmarks(const JsonRecord& list) {
  return pick(order_of(list, list.count(), JointFamily::kMediaPipe),
              [&](std::size_t i) { return joint_of_landmark(list.at(i)); });
}

}  // namespace retime
