#pragma once

#include <cstdint>

#include "format/image.hpp"
#include "pose/joints.hpp"
#include "synth/figure/figure.hpp"

namespace retime::synth {

/// How the joints of a drawn body differ from the true ones, as those of an estimator do.
struct JointNoise {
  double spread = 0.012;   ///< standard deviation of their places, heights of the body
  double outliers = 0.02;  ///< share of joints that lie anywhere near the body
  double swaps = 0.03;     ///< probability that arms or legs are told the wrong way round
  double drop = 0.12;      ///< share of joints that are not known ...
  double drop_side = 0.2;  ///< ... and probability that all on one side of a line through the body are not
};

/// A body with its joints, as the keypoint-to-UV network sees it and what it is to say.
struct BodyPair {
  CocoJoints joints;  ///< with noise, in pixels of the crop that they give (`crop_around`), scaled to the picture
  Image iuv;          ///< [size, size, 3] part (0 = not the body), U * 255, V * 255
};

/// Somebody of random build who walks, runs, jumps, dances, sits or stands, with arms anywhere.
Performer random_performer(Random& random);

/// Pair `index` of the endless series of `seed`: random body, pose and camera.
BodyPair draw_body_pair(std::uint64_t seed, std::uint64_t index, int size, const JointNoise& noise);

/// `joints` with noise; heights of the body are told by `height` pixels. What is not known stays so.
CocoJoints noisy_joints(CocoJoints joints, double height, const JointNoise& noise, Random& random);

}  // namespace retime::synth
