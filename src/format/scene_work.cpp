#include "format/scene_work.hpp"

#include <fmt/format.h>

#include <span>

#include "core/error.hpp"

namespace retime {
namespace {

std::string number_of(std::size_t index) { return fmt::format("{:02}", index + 1); }

void write_track(h5::Group group, const FoundTrack& track) {
  std::vector<std::int32_t> boxes, lengths;
  std::vector<std::uint8_t> runs;
  for (std::size_t t = 0; t < track.boxes.size(); ++t) {
    boxes.insert(boxes.end(), track.boxes[t].begin(), track.boxes[t].end());
    lengths.push_back(static_cast<std::int32_t>(track.runs[t].size()));
    runs.insert(runs.end(), track.runs[t].begin(), track.runs[t].end());
  }
  group.set_attribute("name", track.name);
  if (!track.notes.empty()) group.set_attribute("notes", track.notes);
  group.write<std::int32_t>("boxes", {track.boxes.size(), 4}, boxes, {{}, 1, false});
  group.write<std::int32_t>("run_bytes", {lengths.size()}, lengths, {{}, 1, false});
  if (!runs.empty()) group.write<std::uint8_t>("runs", {runs.size()}, runs, {{}, 1, false});
}

FoundTrack read_track_of(const h5::Group& group) {
  FoundTrack track{group.string_attribute("name"), {}, {}, {}};
  if (group.has_attribute("notes")) track.notes = group.string_attribute("notes");
  const auto boxes = group.read<std::int32_t>("boxes"), lengths = group.read<std::int32_t>("run_bytes");
  const auto runs = group.has("runs") ? group.read<std::uint8_t>("runs") : std::vector<std::uint8_t>{};
  std::size_t at = 0;
  for (std::size_t t = 0; t < lengths.size(); ++t) {
    const auto length = static_cast<std::size_t>(lengths[t]);
    if (lengths[t] < 0 || at + length > runs.size() || boxes.size() < 4 * (t + 1))
      throw Error("what was found in the scene is damaged (its masks end too early): remove the scene and prepare it");
    const auto begin = runs.begin() + static_cast<std::ptrdiff_t>(at);
    track.boxes.push_back({boxes[4 * t], boxes[4 * t + 1], boxes[4 * t + 2], boxes[4 * t + 3]});
    track.runs.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
    at += length;
  }
  return track;
}

void write_people(h5::Group& group, const std::vector<FoundJoints>& people) {
  auto all = group.create_group("people");
  for (std::size_t k = 0; k < people.size(); ++k) {
    auto person = all.create_group(number_of(k));
    const auto count = people[k].values.size() / 51;
    person.set_attribute("first_frame", std::int64_t{people[k].first_frame});
    person.write<float>("joints", {count, 17, 3}, people[k].values, {{}, 1, false});
  }
}

}  // namespace

void write_work(h5::Group& group, const SceneWork& work) {
  group.set_attribute("steps", work.steps);
  if (!work.tracks.empty()) {
    auto all = group.create_group("found");
    for (std::size_t i = 0; i < work.tracks.size(); ++i) write_track(all.create_group(number_of(i)), work.tracks[i]);
    write_people(group, work.people);
  }
  const std::array<std::uint64_t, 2> keys{work.camera_key, work.backdrop_key};
  const std::size_t frames = work.matte_keys.size();
  group.write<std::uint64_t>("keys", {keys.size()}, keys);
  group.write<std::uint64_t>("matte_keys", {frames}, work.matte_keys);
  group.write<std::uint8_t>("matte_of", {frames, work.matte_of.size() / frames}, work.matte_of, {{}, 1, false});
  group.write<float>("noise", {h5::dim(work.plate.height), h5::dim(work.plate.width)}, work.noise, {{}, 1, false});
  group.write<float>("offsets", {frames, 3}, work.offsets);
  if (!work.fields.empty())
    group.write<float>("fields", {frames, h5::dim(work.field.height), h5::dim(work.field.width), 3}, work.fields);
}

SceneWork read_work(const h5::Group& group) {
  SceneWork work;
  work.steps = group.string_attribute("steps");
  if (group.has("found"))
    for (const auto& name : group.group("found").members())
      work.tracks.push_back(read_track_of(group.group("found/" + name)));
  if (group.has("people"))
    for (const auto& name : group.group("people").members()) {
      const auto person = group.group("people/" + name);
      work.people.push_back(
          {static_cast<std::int32_t>(person.int_attribute("first_frame")), person.read<float>("joints")});
    }
  const auto keys = group.read<std::uint64_t>("keys");
  work.camera_key = keys.at(0);
  work.backdrop_key = keys.at(1);
  work.matte_keys = group.read<std::uint64_t>("matte_keys");
  work.matte_of = group.read<std::uint8_t>("matte_of");
  const auto plate = group.dataset("noise").dims();
  work.plate = {static_cast<int>(plate.at(1)), static_cast<int>(plate.at(0))};
  work.noise = group.read<float>("noise");
  work.offsets = group.read<float>("offsets");
  if (!group.has("fields")) return work;
  const auto field = group.dataset("fields").dims();
  work.field = {static_cast<int>(field.at(2)), static_cast<int>(field.at(1))};
  work.fields = group.read<float>("fields");
  return work;
}

}  // namespace retime
