#include "data/keypoints/frame_numbers.hpp"

#include <fmt/format.h>

#include <map>
#include <numeric>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data/decode/frame_folder.hpp"

namespace retime {
namespace {

// 0001 for 0001.png, and for 0001_keypoints.json.
std::string frame_stem(const std::string& name) {
  std::string stem = std::filesystem::path(name).stem().string();
  constexpr std::string_view kEnding = "_keypoints";
  if (stem.ends_with(kEnding)) stem.resize(stem.size() - kEnding.size());
  return stem;
}

// Empty unless every picture is named as a frame.
std::vector<long> frames_by_name(const KeypointRecords& records, const std::vector<std::string>& names) {
  std::map<std::string, long> frame_of;
  for (std::size_t i = 0; i < names.size(); ++i) frame_of[frame_stem(names[i])] = static_cast<long>(i);
  std::vector<long> frames;
  for (const auto& picture : records.pictures) {
    const auto found = frame_of.find(frame_stem(picture.name));
    if (found == frame_of.end()) return {};
    frames.push_back(found->second);
  }
  return frames;
}

std::vector<long> frames_by_number(const KeypointRecords& records, int total) {
  if (records.is_positional)
    throw Error(fmt::format("{} has {} without numbers (the clip has {}): give one for every frame", records.path,
                            counted(std::ssize(records.pictures), "picture"), counted(total, "frame")));
  const long lowest = records.pictures.front().number.value_or(0), highest = records.pictures.back().number.value_or(0);
  const long first = lowest > 0 && highest == total ? 1 : 0;
  if (total > 0 && highest - first >= total)
    throw Error(fmt::format("{} has a picture {} (the clip has {}): give the keypoints of this clip", records.path,
                            records.pictures.back().name, counted(total, "frame")));
  if (lowest == 1 && first == 0)
    log_warn(records.path + ": pictures are taken as numbered from 0 (the lowest is 1, the last frame has none)");
  std::vector<long> frames;
  for (const auto& picture : records.pictures) frames.push_back(picture.number.value_or(0) - first);
  return frames;
}

std::vector<long> frames_of(const KeypointRecords& records, const KeypointClip& clip) {
  auto frames = frames_by_name(records, clip.names);
  if (!frames.empty()) return frames;
  if (static_cast<int>(records.pictures.size()) != clip.total_frames)
    return frames_by_number(records, clip.total_frames);
  const auto &first = records.pictures.front(), &last = records.pictures.back();
  if (!records.is_positional && first.number > 1)
    log_warn(
        fmt::format("{}: as many pictures as the clip has frames ({}) are taken as these, though they are numbered "
                    "from {} to {}",
                    records.path, clip.total_frames, *first.number, last.number.value_or(0)));
  frames.resize(records.pictures.size());
  std::iota(frames.begin(), frames.end(), 0L);
  return frames;
}

}  // namespace

KeypointClip clip_of_keypoints(const std::filesystem::path& frames, const FrameSource& source, const FrameRange& range,
                               int count) {
  KeypointClip clip{source.info().frame_count.value_or(0), {}, range.first, count};
  if (std::filesystem::is_directory(frames)) {
    for (const auto& file : image_files(frames)) clip.names.push_back(file.filename().string());
    clip.total_frames = static_cast<int>(clip.names.size());
  } else if (range.last == FrameRange().last) {
    clip.total_frames = range.first + count;  // what a container declares may differ
  }
  return clip;
}

std::vector<std::vector<FoundPerson>> people_by_frame(const KeypointRecords& records, const KeypointClip& clip) {
  std::vector<std::vector<FoundPerson>> people(static_cast<std::size_t>(clip.frame_count));
  const auto frames = frames_of(records, clip);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const long frame = frames[i] - clip.first_frame;
    if (frame >= 0 && frame < clip.frame_count) people[static_cast<std::size_t>(frame)] = records.pictures[i].people;
  }
  return people;
}

}  // namespace retime
