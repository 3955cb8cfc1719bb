#pragma once

#include <filesystem>

#include "data/keypoints/keypoint_records.hpp"
#include "format/image.hpp"

namespace retime {

/// Reads the keypoints of a clip: a JSON file, or a folder with one for each picture. Forms: AlphaPose (a list for the
/// clip, or an entry or a file for each picture; PoseFlow's identities), OpenPose, COCO, mmpose, MediaPipe (see
/// docs/formats.md). Joints come out in pixels of pictures of `size`, also where the file gives parts of the width and
/// height. Throws Error naming the file, the place in it and what is wrong there, also when most joints lie outside
/// such pictures; single ones that lie more than a picture's size outside are not known.
KeypointRecords read_keypoints(const std::filesystem::path& path, Size size);

}  // namespace retime
