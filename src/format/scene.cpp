#include "format/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "format/scene_fingerprint.hpp"

namespace retime {
namespace {

constexpr const char* kSceneFormat = "retime.scene";
constexpr int kSceneVersion = 1;
constexpr int kKeypoints = 17;

std::string object_group(int object) { return fmt::format("objects/{:02}", object + 1); }

void check_image(const Image& image, Size size, int channels, const char* what) {
  if (image.size == size && image.channels == channels) return;
  throw Error(fmt::format("{} is {}x{}, expected {}x{} (a defect of this program): please report it", what,
                          size_text(image.size), image.channels, size_text(size), channels));
}

h5::Storage per_frame(Size size, int channels, int deflate, bool growing) {
  return {{1, h5::dim(size.height), h5::dim(size.width), h5::dim(channels)}, deflate, growing};
}

h5::Dataset add_maps(h5::Group& group, const char* name, int frames, Size size, int channels) {
  return group.create_dataset(name, H5T_NATIVE_UINT8,
                              {h5::dim(frames), h5::dim(size.height), h5::dim(size.width), h5::dim(channels)},
                              per_frame(size, channels, 1, false));
}

void write_image(h5::Dataset& data, int frame, const Image& image) {
  data.write<std::uint8_t>({h5::dim(frame), 0, 0, 0},
                           {1, h5::dim(image.size.height), h5::dim(image.size.width), h5::dim(image.channels)},
                           image.pixels);
}

void read_frames(const h5::Dataset& data, int first, int count, std::span<std::uint8_t> out) {
  h5::Dims shape = data.dims();
  h5::Dims offset(shape.size(), 0);
  offset[0] = h5::dim(first);
  shape[0] = h5::dim(count);
  data.read<std::uint8_t>(offset, shape, out);
}

void set_info(h5::Group& root, const SceneInfo& info) {
  root.set_attribute("width", std::int64_t{info.size.width});
  root.set_attribute("height", std::int64_t{info.size.height});
  root.set_attribute("scale", std::int64_t{info.scale});
  root.set_attribute("fps_num", std::int64_t{info.fps.num});
  root.set_attribute("fps_den", std::int64_t{info.fps.den});
  root.set_attribute("preparation", info.preparation);
  root.set_attribute("source_path", info.source.path);
  root.set_attribute("source_fingerprint", info.source.fingerprint);
  root.set_attribute("source_start_s", info.source.start_s);
  root.set_attribute("source_has_audio", std::int64_t{info.source.has_audio});
}

void add_object(const h5::Group& group, SceneInfo& info) {
  info.objects.push_back(group.string_attribute("name"));
  auto& notes = info.notes.emplace_back();
  if (!group.has_attribute("notes")) return;
  std::istringstream lines(group.string_attribute("notes"));
  for (std::string line; std::getline(lines, line);) notes.push_back(line);
}

SceneInfo read_scene_info(const h5::Group& root) {
  SceneInfo info;
  info.size = {static_cast<int>(root.int_attribute("width")), static_cast<int>(root.int_attribute("height"))};
  if (root.has_attribute("scale")) info.scale = static_cast<int>(root.int_attribute("scale"));
  info.fps = {static_cast<int>(root.int_attribute("fps_num")), static_cast<int>(root.int_attribute("fps_den"))};
  info.source = {root.string_attribute("source_path"), root.string_attribute("source_fingerprint"),
                 root.double_attribute("source_start_s"), root.int_attribute("source_has_audio") != 0};
  info.preparation = root.string_attribute("preparation");
  info.parts = static_cast<int>(root.int_attribute("parts"));
  info.frame_count = static_cast<int>(root.dataset("frames/base").dims().at(0));
  info.has_plate = root.has("plate");
  info.has_camera = root.has("camera");
  info.has_mattes = root.has("objects/01/matte");
  info.has_full_iuv = root.has("objects/01/iuv_full");
  info.has_visibility = root.has("objects/01/visibility");
  info.has_keypoints = root.has("objects/01/keypoints");
  if (root.has("corrections")) {
    const auto text = root.read<std::uint8_t>("corrections");
    info.corrections.assign(text.begin(), text.end());
  }
  if (root.has("left_out")) info.left_out = root.read<std::int32_t>("left_out");
  const auto objects = root.group("objects");
  for (std::size_t i = 0; i < objects.members().size(); ++i)
    add_object(root.group(object_group(static_cast<int>(i))), info);
  return info;
}

// Object indices per frame, back to front.
std::vector<std::vector<std::uint8_t>> read_order(const h5::Group& root, const SceneInfo& info,
                                                  const std::filesystem::path& path) {
  const std::size_t n = info.objects.size();
  const auto values = root.read<std::uint8_t>("order");
  if (values.size() != n * static_cast<std::size_t>(info.frame_count))
    throw Error(path.string() + " does not give the order of every object in every frame: run `retime prepare` again");
  std::vector<std::vector<std::uint8_t>> order;
  for (int t = 0; t < info.frame_count; ++t) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(n) * t;
    order.emplace_back(first, first + static_cast<std::ptrdiff_t>(n));
    auto sorted = order.back();
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < n; ++i)
      if (sorted[i] != i)
        throw Error(fmt::format(
            "{} is damaged (the order of frame {} does not name every object once): run `retime prepare` again",
            path.string(), t));
  }
  return order;
}

}  // namespace

struct SceneWriter::ObjectData {
  h5::Dataset iuv, trimap, presence;
  std::optional<h5::Dataset> matte, iuv_full, visibility;
};

SceneWriter::SceneWriter(const std::filesystem::path& path, const SceneInfo& info)
    : info_(info), lock_(path), file_(path, kSceneFormat, kSceneVersion) {
  auto& root = file_.root();
  set_info(root, info);
  root.create_group("frames");
  const auto add = [&](const char* name, Size size) {
    return root.create_dataset(name, H5T_NATIVE_UINT8, {0, h5::dim(size.height), h5::dim(size.width), 3},
                               per_frame(size, 3, 0, true));
  };
  base_.emplace(add("frames/base", info.size));
  full_.emplace(add("frames/full", info.full_size()));
}

void SceneWriter::add_frame(const Image& base, const Image& full) {
  check_image(base, info_.size, 3, "frame at training size");
  check_image(full, info_.full_size(), 3, "frame at full size");
  base_->extend({h5::dim(frame_count_ + 1), h5::dim(base.size.height), h5::dim(base.size.width), 3});
  full_->extend({h5::dim(frame_count_ + 1), h5::dim(full.size.height), h5::dim(full.size.width), 3});
  write_image(*base_, frame_count_, base);
  write_image(*full_, frame_count_, full);
  ++frame_count_;
}

void SceneWriter::read_full_frame(int frame, std::span<std::uint8_t> rgb) const { read_frames(*full_, frame, 1, rgb); }

void SceneWriter::set_objects(const std::vector<std::string>& names, bool with_mattes) {
  auto& root = file_.root();
  info_.objects = names;
  root.create_group("objects");
  for (int i = 0; i < info_.object_count(); ++i) {
    auto group = root.create_group(object_group(i));
    group.set_attribute("name", names[static_cast<std::size_t>(i)]);
    const auto add = [&](const char* name, Size size, int channels) {
      return add_maps(group, name, frame_count_, size, channels);
    };
    auto data = std::make_shared<ObjectData>(
        ObjectData{add("iuv", info_.size, 3),
                   add("trimap", info_.size, 1),
                   group.create_dataset("presence", H5T_NATIVE_UINT8, {h5::dim(frame_count_)}),
                   {},
                   {},
                   {}});
    if (with_mattes) data->matte.emplace(add("matte", info_.full_size(), 4));
    objects_.push_back(std::move(data));
  }
  order_.emplace(
      root.create_dataset("order", H5T_NATIVE_UINT8, {h5::dim(frame_count_), h5::dim(info_.object_count())}));
}

void SceneWriter::write_notes(int object, const std::vector<std::string>& notes) {
  std::string lines;
  for (const auto& note : notes) lines += note + "\n";
  if (!lines.empty()) file_.root().group(object_group(object)).set_attribute("notes", lines);
}

void SceneWriter::write_maps(int frame, int object, const ObjectMaps& maps) {
  auto& data = *objects_.at(static_cast<std::size_t>(object));
  const std::uint8_t present = maps.present;
  data.presence.write<std::uint8_t>({h5::dim(frame)}, {1}, {&present, 1});
  if (!maps.present) return;
  check_image(maps.iuv, info_.size, 3, "IUV map");
  check_image(maps.trimap, info_.size, 1, "trimap");
  for (std::size_t i = 0; i < maps.iuv.pixels.size(); i += 3)
    info_.parts = std::max<int>(info_.parts, maps.iuv.pixels[i]);
  write_image(data.iuv, frame, maps.iuv);
  write_image(data.trimap, frame, maps.trimap);
  write_optional(frame, object, maps);
  if (!data.matte) return;
  check_image(maps.matte, info_.full_size(), 4, "matte");
  write_image(*data.matte, frame, maps.matte);
}

// Maps that not every scene has: the first one makes their datasets, for all objects.
void SceneWriter::write_optional(int frame, int object, const ObjectMaps& maps) {
  const auto write = [&](const Image& image, const char* name, int channels, auto member) {
    if (image.pixels.empty()) return;
    check_image(image, info_.full_size(), channels, name);
    for (int i = 0; i < info_.object_count(); ++i) {
      auto& data = (*objects_[static_cast<std::size_t>(i)]).*member;
      if (data) continue;
      auto group = file_.root().group(object_group(i));
      data.emplace(add_maps(group, name, frame_count_, info_.full_size(), channels));
    }
    write_image(*((*objects_[static_cast<std::size_t>(object)]).*member), frame, image);
  };
  write(maps.iuv_full, "iuv_full", 3, &ObjectData::iuv_full);
  if (!maps.matte.pixels.empty()) write(maps.visibility, "visibility", 1, &ObjectData::visibility);
}

void SceneWriter::write_order(int frame, std::span<const std::uint8_t> order) {
  order_->write<std::uint8_t>({h5::dim(frame), 0}, {1, h5::dim(info_.object_count())}, order);
}

void SceneWriter::write_plate(const PlateImage& plate, const SceneLighting& lighting) {
  check_image(plate.color, plate.color.size, 3, "plate");
  check_image(plate.observed, plate.color.size, 1, "map of observed background");
  auto group = file_.root().create_group("plate");
  const auto [width, height] = plate.color.size;
  group.write<std::uint8_t>("color", {h5::dim(height), h5::dim(width), 3}, plate.color.pixels);
  group.write<std::uint8_t>("observed", {h5::dim(height), h5::dim(width)}, plate.observed.pixels, {{}, 1, false});
  group.write<float>("gain", {h5::dim(frame_count_), 3}, lighting.gain);
  group.write<float>("offset", {h5::dim(frame_count_), h5::dim(lighting.grid.height), h5::dim(lighting.grid.width), 3},
                     lighting.offset);
}

void SceneWriter::write_corrections(const std::string& corrections, const std::vector<int>& left_out) {
  auto& root = file_.root();
  if (!corrections.empty())
    root.write<std::uint8_t>("corrections", {corrections.size()},
                             {reinterpret_cast<const std::uint8_t*>(corrections.data()), corrections.size()});
  if (!left_out.empty()) root.write<std::int32_t>("left_out", {left_out.size()}, left_out);
}

void SceneWriter::write_work(const SceneWork& work) {
  auto group = file_.root().create_group("work");
  retime::write_work(group, work);
}

void SceneWriter::write_camera(const CameraPath& camera) {
  auto group = file_.root().create_group("camera");
  std::vector<double> values;
  for (const auto& h : camera.frame_from_plane) values.insert(values.end(), h.begin(), h.end());
  group.write<double>("frame_from_plane", {camera.frame_from_plane.size(), 3, 3}, values);
  group.write<double>("bounds", {4}, camera.bounds);
}

void SceneWriter::write_ground_contact(std::span<const float> rows) {
  file_.root().write<float>("ground_contact", {h5::dim(frame_count_), h5::dim(info_.object_count())}, rows);
}

void SceneWriter::write_keypoints(int object, std::span<const float> joints) {
  auto group = file_.root().group(object_group(object));
  group.write<float>("keypoints", {h5::dim(frame_count_), kKeypoints, 3}, joints);
}

void SceneWriter::commit() {
  base_.reset();
  full_.reset();
  order_.reset();
  objects_.clear();
  file_.root().set_attribute("parts", std::int64_t{info_.parts});
  file_.commit();
}

SceneReader::SceneReader(const std::filesystem::path& path)
    : file_(path, kSceneFormat, kSceneVersion), info_(read_scene_info(file_.root())) {
  if (info_.frame_count == 0 || info_.objects.empty())
    throw Error(path.string() + " holds no frames or no objects: run `retime prepare` again");
  order_ = read_order(file_.root(), info_, path);
  for (int i = 0; i < info_.object_count(); ++i)
    presence_.push_back(file_.root().read<std::uint8_t>(object_group(i) + "/presence"));
}

std::string SceneReader::fingerprint() const { return fingerprint_of_scene(info_); }

std::optional<SceneWork> SceneReader::read_work() const {
  if (!file_.root().has("work")) return std::nullopt;
  return retime::read_work(file_.root().group("work"));
}

void SceneReader::read_base(int first, int count, std::span<std::uint8_t> out) const {
  read_frames(file_.root().dataset("frames/base"), first, count, out);
}

Image SceneReader::read_full(int frame) const {
  Image image(info_.full_size(), 3);
  read_frames(file_.root().dataset("frames/full"), frame, 1, image.pixels);
  return image;
}

void SceneReader::read_iuv(int object, int first, int count, std::span<std::uint8_t> out) const {
  read_frames(file_.root().dataset(object_group(object) + "/iuv"), first, count, out);
}

void SceneReader::read_trimap(int object, int first, int count, std::span<std::uint8_t> out) const {
  read_frames(file_.root().dataset(object_group(object) + "/trimap"), first, count, out);
}

void SceneReader::read_matte(int object, int first, int count, std::span<std::uint8_t> out) const {
  read_frames(file_.root().dataset(object_group(object) + "/matte"), first, count, out);
}

void SceneReader::read_iuv_full(int object, int first, int count, std::span<std::uint8_t> out) const {
  if (!info_.has_full_iuv)
    throw Error(path().string() + " holds no IUV maps at full size (an older `retime` prepared it): prepare it again");
  read_frames(file_.root().dataset(object_group(object) + "/iuv_full"), first, count, out);
}

void SceneReader::read_visibility(int object, int first, int count, std::span<std::uint8_t> out) const {
  if (!info_.has_visibility) return std::fill(out.begin(), out.end(), std::uint8_t{255});
  read_frames(file_.root().dataset(object_group(object) + "/visibility"), first, count, out);
  const auto frame_bytes = static_cast<std::ptrdiff_t>(info_.full_size().area());
  const auto& present = presence_.at(static_cast<std::size_t>(object));
  for (int i = 0; i < count; ++i)
    if (!present[static_cast<std::size_t>(first + i)])
      std::fill_n(out.begin() + i * frame_bytes, frame_bytes, std::uint8_t{255});
}

PlateImage SceneReader::read_plate() const {
  const auto dims = file_.root().dataset("plate/color").dims();
  const Size size{static_cast<int>(dims.at(1)), static_cast<int>(dims.at(0))};
  PlateImage plate{Image(size, 3), Image(size, 1)};
  plate.color.pixels = file_.root().read<std::uint8_t>("plate/color");
  plate.observed.pixels = file_.root().read<std::uint8_t>("plate/observed");
  return plate;
}

SceneLighting SceneReader::read_lighting() const {
  const auto dims = file_.root().dataset("plate/offset").dims();
  return {{static_cast<int>(dims.at(2)), static_cast<int>(dims.at(1))},
          file_.root().read<float>("plate/gain"),
          file_.root().read<float>("plate/offset")};
}

CameraPath SceneReader::read_camera() const {
  const auto values = file_.root().read<double>("camera/frame_from_plane");
  CameraPath camera;
  camera.frame_from_plane.resize(values.size() / 9);
  for (std::size_t t = 0; t < camera.frame_from_plane.size(); ++t)
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(9 * t), 9, camera.frame_from_plane[t].begin());
  const auto bounds = file_.root().read<double>("camera/bounds");
  std::copy_n(bounds.begin(), 4, camera.bounds.begin());
  return camera;
}

std::vector<float> SceneReader::read_keypoints(int object) const {
  if (!info_.has_keypoints)
    throw Error(path().string() + " holds no keypoints (it was prepared without): prepare it again with --keypoints");
  auto joints = file_.root().read<float>(object_group(object) + "/keypoints");
  if (joints.size() != std::size_t{3} * kKeypoints * static_cast<std::size_t>(info_.frame_count))
    throw Error(path().string() + " is damaged (keypoints of another number of frames): run `retime prepare` again");
  return joints;
}

std::vector<float> SceneReader::read_ground_contact() const {
  if (file_.root().has("ground_contact")) return file_.root().read<float>("ground_contact");
  const auto count = static_cast<std::size_t>(info_.frame_count) * info_.objects.size();
  return std::vector<float>(count, std::numeric_limits<float>::quiet_NaN());
}

}  // namespace retime
