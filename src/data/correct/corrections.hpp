#pragma once

#include <filesystem>
#include <limits>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "format/image.hpp"
#include "pose/joints.hpp"

namespace retime {

inline constexpr int kLastFrame = std::numeric_limits<int>::max();  ///< of the scene, whichever it is

/// Frames of a scene from the first to the last, both included.
struct FrameSpan {
  int first = 0, last = 0;
  bool holds(int frame) const { return frame >= first && frame <= last; }
};

struct RenameObject {
  std::string object, as;
};
struct MergeObjects {
  std::vector<std::string> objects;
  std::string as;  ///< empty: as the first is called
};
struct SplitObject {
  std::string object, as;
  int at = 0;  ///< the first frame of the new object
};
struct RemoveObject {
  std::string object;
};
enum class Repair { kAdd, kRemove, kUnknown };
struct RepairMask {
  std::string object;
  FrameSpan frames;
  Repair repair = Repair::kAdd;
  std::vector<cv::Point2f> polygon;  ///< in pixels of the full size; or
  std::filesystem::path picture;     ///< of that size, white where it is meant
};
struct GroupObjects {
  std::vector<std::string> objects;
  std::string as;  ///< empty: the names joined by +
};
struct OrderObjects {
  std::vector<std::string> objects;  ///< back to front
  FrameSpan frames;
};
struct FixJoints {
  std::string object;
  int frame = 0;
  std::vector<std::pair<CocoJoint, std::optional<cv::Point2f>>> joints;  ///< nothing: not known
};
struct LeaveOutFrames {
  FrameSpan frames;
};
using CorrectionVerb = std::variant<RenameObject, MergeObjects, SplitObject, RemoveObject, RepairMask, GroupObjects,
                                    OrderObjects, FixJoints, LeaveOutFrames>;

struct Correction {
  CorrectionVerb verb;
  std::string place;  ///< "corrections[2]"
  int line = 0;       ///< of the file
};

/// What people have put right in a scene, in the order of their file.
struct Corrections {
  std::filesystem::path file;
  std::vector<Correction> list;
  std::string text;  ///< tells corrections apart: what the file says, and the state of the pictures that it names

  bool empty() const { return list.empty(); }
  /// Throws Error "FILE, line N: PLACE cannot be applied (problem): advice".
  [[noreturn]] void fail(const Correction& correction, const std::string& problem, const std::string& advice) const;
};

/// Where a scene's corrections stand: "scene.edits.json" beside "scene.h5".
std::filesystem::path corrections_file(const std::filesystem::path& scene_file);

/// Reads a file of corrections; none where there is no such file. Throws Error for what is wrong whatever the scene is.
Corrections read_corrections(const std::filesystem::path& file);

/// Throws Error for frames, places and pictures that a scene of so many frames of this (full) size does not have.
void check_corrections(const Corrections& corrections, int frames, Size size);

}  // namespace retime
