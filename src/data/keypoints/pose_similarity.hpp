#pragma once

#include <opencv2/core.hpp>

#include "pose/joints.hpp"

namespace retime {

/// How alike two poses are, 0 to 1, as COCO's object keypoint similarity (OKS) tells it: distances of joints that both
/// know against the body's size and how surely people agree on the joint. `slack` widens what counts as near: 1 for
/// poses of one moment, more where time lies between them. 0 when fewer than three joints can be compared.
double pose_similarity(const CocoJoints& a, const CocoJoints& b, double slack = 1);

/// Height of a body in pixels as its bones tell it; 0 when too few joints are known.
double body_height(const CocoJoints& joints);

/// The mean way of the joints that both poses know; 0 without one.
cv::Point2d mean_way(const CocoJoints& from, const CocoJoints& to);

/// The pose, moved.
CocoJoints moved_by(CocoJoints joints, cv::Point2d way);

int known_joints_of(const CocoJoints& joints);

}  // namespace retime
