#pragma once

#include <string>

#include "data/keypoints/keypoint_records.hpp"

namespace retime {

/// A list of results with `image_id` and `keypoints`, as AlphaPose and COCO's tools write it for a whole clip; a file
/// of one picture may leave `image_id` out.
void read_result_list(const JsonRecord& root, const std::string& picture, RecordCollector& out);

/// Whether a file of one picture is such a list: joints as numbers, or as lists of other than MediaPipe's 33.
bool is_result_list(const JsonRecord& root);

/// COCO's annotations: `annotations` with the id of a picture each, `images` with the pictures' names. Flags of
/// visibility become confidences: 2 is 1, 1 (marked, but hidden) is 0.5.
void read_coco_annotations(const JsonRecord& root, RecordCollector& out);

/// One picture of OpenPose (`people`), or of AlphaPose in that form or in CMU-Pose's (`bodies`).
void read_openpose_picture(const JsonRecord& root, const std::string& picture, RecordCollector& out);

/// An object with an entry for each picture by its name: lists of results (AlphaPose for display, PoseFlow, the
/// released keypoints.json), or pictures in OpenPose's form.
bool is_by_picture(const JsonRecord& root);
void read_by_picture(const JsonRecord& root, RecordCollector& out);

/// mmpose: frames with `frame_id` and `instances`, or a list of the instances of one picture.
void read_mmpose_frames(const JsonRecord& frames, const std::string& picture, RecordCollector& out);

}  // namespace retime
