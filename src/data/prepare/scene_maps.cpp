#include "data/prepare/scene_maps.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/progress.hpp"
#include "data/prepare/step_keys.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

// How long a trace of an object is looked for before it appears and after it has left, in frames.
constexpr int kTraceFrames = 8;

constexpr int kMostAtOnce = 4;          // frames whose mattes are made side by side, and held
constexpr std::uint8_t kUnknown = 128;  // in trimaps
constexpr double kAroundBody = 0.1;     // of its height, within which a fit is to find out in frames left out

}  // namespace

MapWriter::MapWriter(SceneWriter& scene, const FrameSequence& frames, const SceneObjects& objects,
                     const SceneBackdrop& backdrop, const EarlierScene* earlier, SceneWork& work)
    : scene_(scene),
      frames_(frames),
      objects_(objects),
      backdrop_(backdrop),
      earlier_(earlier),
      work_(work),
      count_(static_cast<int>(objects.source->tracks().size())),
      size_(frames.size()),
      coverage_(objects.source->tracks().size()) {}

int MapWriter::run(bool show_progress) {
  int made = 0;
  Progress progress("object maps", "frames", frames_.count(), show_progress);
  const int at_once = std::clamp(cv::getNumThreads(), 1, kMostAtOnce);
  for (int first = 0; first < frames_.count(); first += at_once) {
    std::vector<FrameMattes> some(static_cast<std::size_t>(std::min(at_once, frames_.count() - first)));
    for (std::size_t k = 0; k < some.size(); ++k) {
      some[k].frame = frame_of(first + static_cast<int>(k));
      some[k].is_there = note_key(some[k].frame);
      made += !some[k].is_there;
    }
    cv::parallel_for_({0, static_cast<int>(some.size())}, [&](const cv::Range& range) {
      for (auto k = static_cast<std::size_t>(range.start); k < static_cast<std::size_t>(range.end); ++k)
        if (!some[k].is_there) some[k].mattes = new_mattes(some[k].frame);
    });
    for (auto& [frame, is_there, mattes] : some) {
      write(frame, is_there ? earlier_mattes(frame) : std::move(mattes));
      const auto& order = objects_.order[static_cast<std::size_t>(frame.number)];
      scene_.write_order(frame.number, std::vector<std::uint8_t>(order.begin(), order.end()));
      progress.update(frame.number + 1);
    }
  }
  return made;
}

bool MapWriter::note_key(const Frame& frame) {
  const auto key = key_of(frame);
  work_.matte_keys.push_back(key);
  std::vector<std::uint8_t> taking_part(static_cast<std::size_t>(count_));
  for (const int i : frame.taking_part) taking_part[static_cast<std::size_t>(i)] = 1;
  work_.matte_of.insert(work_.matte_of.end(), taking_part.begin(), taking_part.end());
  return earlier_ && earlier_->work().matte_keys[static_cast<std::size_t>(frame.number)] == key;
}

MapWriter::Frame MapWriter::frame_of(int t) const {
  const auto at = static_cast<std::size_t>(t);
  const auto& corrected = objects_.corrected;
  // A shadow may be in the picture before its owner comes in and after he has left.
  Frame frame{t,
              masks_of_frame(objects_.source->tracks(), t),
              masks_of_frame(objects_.visible, t),
              effect_anchors(objects_.visible, t, size_, kTraceFrames),
              std::vector<BoxMask>(static_cast<std::size_t>(count_)),
              {},
              corrected.left_out[at]};
  for (int i = 0; i < count_; ++i) {
    const auto n = static_cast<std::size_t>(i);
    // Nor does it go when its owner is hidden wholly.
    if (frame.anchors[n].empty()) frame.anchors[n] = frame.bodies[n];
    for (const int track : objects_.layers[n])
      frame.unknown[n] = united_mask(frame.unknown[n], corrected.unknown[static_cast<std::size_t>(track)][at]);
    if (!frame.anchors[n].empty() || !frame.bodies[n].empty() || !frame.visible[n].empty())
      frame.taking_part.push_back(i);
  }
  return frame;
}

std::uint64_t MapWriter::key_of(const Frame& frame) const {
  StepKey key;
  key.add(work_.backdrop_key).add(std::uint64_t{frame.left_out});
  const auto& order = objects_.order[static_cast<std::size_t>(frame.number)];
  for (const int i : frame.taking_part) {
    const auto n = static_cast<std::size_t>(i);
    const auto behind = std::count_if(order.begin(), std::find(order.begin(), order.end(), i), [&](int other) {
      return std::find(frame.taking_part.begin(), frame.taking_part.end(), other) != frame.taking_part.end();
    });
    key.add(static_cast<std::uint64_t>(behind)).add(claim_bit(i) == 0 ? std::uint64_t{n} : 0);
    key.add(frame.bodies[n]).add(frame.visible[n]).add(frame.anchors[n]).add(frame.unknown[n]);
  }
  return key.value();
}

// The k-th object that takes part was the k-th then, whatever it was called.
std::vector<MapWriter::ObjectMatte> MapWriter::earlier_mattes(const Frame& frame) const {
  const auto& scene = earlier_->scene();
  const auto objects = static_cast<std::size_t>(scene.info().object_count());
  std::vector<ObjectMatte> mattes(static_cast<std::size_t>(count_));
  int before = -1;
  for (const int i : frame.taking_part) {
    do ++before;
    while (!earlier_->work()
                .matte_of[static_cast<std::size_t>(frame.number) * objects + static_cast<std::size_t>(before)]);
    auto& matte = mattes[static_cast<std::size_t>(i)];
    matte.is_present = scene.presence()[static_cast<std::size_t>(before)][static_cast<std::size_t>(frame.number)] != 0;
    if (!matte.is_present) continue;
    matte.rgba = Image(size_, 4);
    matte.visibility = Image(size_, 1);
    scene.read_matte(before, frame.number, 1, matte.rgba.pixels);
    scene.read_visibility(before, frame.number, 1, matte.visibility.pixels);
  }
  return mattes;
}

std::vector<MapWriter::ObjectMatte> MapWriter::new_mattes(const Frame& frame) const {
  std::vector<Matte> solved;
  if (frame.left_out)
    solved.assign(static_cast<std::size_t>(count_), {cv::Mat::zeros(size_.height, size_.width, CV_8UC4), {}});
  else
    solved = solve_mattes(frames_.frame(frame.number), backdrop_.frame(frame.number), frame.visible, {}, frame.anchors);
  std::vector<ObjectMatte> mattes;
  for (int i = 0; i < count_; ++i) mattes.push_back(matte_of(frame, i, solved[static_cast<std::size_t>(i)]));
  return mattes;
}

MapWriter::ObjectMatte MapWriter::matte_of(const Frame& frame, int object, const Matte& matte) const {
  const auto n = static_cast<std::size_t>(object);
  if (frame.bodies[n].empty() && cv::countNonZero(matte.rgba.reshape(1)) == 0) return {};
  const auto& order = objects_.order[static_cast<std::size_t>(frame.number)];
  cv::Mat visibility = matte_visibility(object, {frame.bodies, frame.anchors, order}, matte.contested, size_);
  visibility.setTo(0, unknown_area(frame, object));
  return {true, to_image(matte.rgba), to_image(visibility)};
}

void MapWriter::write(const Frame& frame, std::vector<ObjectMatte> mattes) {
  for (int i = 0; i < count_; ++i) {
    auto& matte = mattes[static_cast<std::size_t>(i)];
    ObjectMaps maps;
    if (matte.is_present) {
      maps = objects_.source->maps(i, frame.number);
      coverage_.add(i, frame.number, as_mat(maps.iuv_full), frame.bodies[static_cast<std::size_t>(i)]);
      maps.present = true;
      maps.matte = std::move(matte.rgba);
      maps.visibility = std::move(matte.visibility);
      mark_unknown(frame, i, maps.trimap);
    }
    scene_.write_maps(frame.number, i, maps);
  }
}

// In a frame that is left out, the body and what is around it.
cv::Mat MapWriter::unknown_area(const Frame& frame, int object) const {
  const auto n = static_cast<std::size_t>(object);
  cv::Mat area = full_mask(frame.unknown[n], size_);
  if (!frame.left_out || frame.bodies[n].empty()) return area;
  const int around = std::max(2, cvRound(kAroundBody * frame.bodies[n].box.height));
  cv::Mat body;
  cv::dilate(full_mask(frame.bodies[n], size_), body,
             cv::getStructuringElement(cv::MORPH_RECT, {2 * around + 1, 2 * around + 1}));
  return area | body;
}

void MapWriter::mark_unknown(const Frame& frame, int object, Image& trimap) const {
  const cv::Mat where = unknown_area(frame, object);
  if (cv::countNonZero(where) > 0) as_mat(trimap).setTo(kUnknown, resized(where, trimap.size, cv::INTER_AREA) > 127);
}

}  // namespace retime
