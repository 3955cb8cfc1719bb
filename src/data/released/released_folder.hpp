#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/decode/frame_source.hpp"

namespace retime {

/// A folder of the released tools: what is in it and what its metadata say. Two kinds:
/// - retiming: rgb_256/ (training size) and/or rgb_512/ (exactly twice that), iuv/NAME/, mask/NAME/ (trimaps,
/// optional),
///   iuv_512/NAME/ (full size, optional), metadata.json (optional), homographies.txt (optional),
///   keypoints.json (optional);
/// - omnimatte: rgb/, mask/NAME/, homographies.txt.
/// Pictures belong to the frame of the same name (0001.png).
class ReleasedFolder {
 public:
  /// Whether `folder` has rgb_256/, rgb_512/ or rgb/.
  static bool recognises(const std::filesystem::path& folder);

  /// Takes the frames in `range`. Throws Error naming what is missing, too much, or contradictory.
  ReleasedFolder(const std::filesystem::path& folder, const FrameRange& range);

  const std::filesystem::path& path() const { return folder_; }
  /// The folder of the largest frames, and that of frames at training size beside it (empty = none).
  std::filesystem::path frames() const { return folder_ / frames_; }
  std::filesystem::path training_frames() const;
  int frame_count() const { return static_cast<int>(names_.size()); }
  /// Of the folder, whatever the range.
  int all_frames() const { return static_cast<int>(all_frames_); }
  /// File name of a frame: 0001.png.
  const std::string& frame_name(int frame) const { return names_.at(static_cast<std::size_t>(frame)); }
  /// 0x0 when the folder does not set it (omnimatte).
  Size training_size() const { return training_size_; }

  /// Whether there are IUV maps; then `objects` names their folders in natural order.
  bool has_iuv() const { return !objects_.empty(); }
  const std::vector<std::string>& objects() const { return objects_; }
  std::filesystem::path iuv_file(int object, int frame) const { return picture("iuv", object, frame); }
  /// Whether there are IUV maps at full size, and where.
  bool has_full_iuv() const { return has_full_iuv_; }
  std::filesystem::path full_iuv_file(int object, int frame) const { return picture("iuv_512", object, frame); }
  /// The trimap of an object in a frame; need not exist.
  std::filesystem::path trimap_file(int object, int frame) const { return picture("mask", object, frame); }

  /// mask/ if there are masks but no IUV maps, else empty.
  std::filesystem::path mask_folder() const;
  /// homographies.txt, or empty.
  std::filesystem::path homographies() const;
  /// keypoints.json, or empty; and the size of the frames that its joints are in pixels of (`alphapose_input_size` of
  /// metadata.json, otherwise that of `frames`).
  std::filesystem::path keypoints() const;
  Size keypoints_size() const { return keypoints_size_; }
  /// Depth order per frame, object indices back to front; empty without `composite_order`.
  const std::vector<std::vector<int>>& order() const { return order_; }
  /// People per layer (`people_layers`); empty when not given.
  const std::vector<std::vector<int>>& people_layers() const { return people_layers_; }

 private:
  std::filesystem::path picture(const char* kind, int object, int frame) const;
  void list_frames(const FrameRange& range);
  void find_sizes();
  void find_objects();
  void check_pictures(const char* kind) const;
  void read_metadata(const FrameRange& range);

  std::filesystem::path folder_;
  std::string frames_;
  std::vector<std::string> names_, objects_;
  std::size_t all_frames_ = 0;
  Size training_size_, keypoints_size_;
  bool has_full_iuv_ = false;
  std::vector<std::vector<int>> order_, people_layers_;
};

}  // namespace retime
