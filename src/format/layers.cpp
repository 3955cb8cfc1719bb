#include "format/layers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr const char* kIndexFormat = "retime.layers";
constexpr const char* kBlockFormat = "retime.layers.block";
// Layers with a residual are of version 2: who does not add it would show frames without their noise and details.
constexpr int kLayersVersion = 2;
constexpr int kVersionWithoutResidual = 1;
constexpr int kOpenBlocks = 8;

std::string block_name(int block) { return fmt::format("block_{:06}.h5", block); }

std::filesystem::path block_path(const std::filesystem::path& layers_file, int block) {
  return layers_folder(layers_file) / block_name(block);
}

int version_of(const LayersInfo& info) { return info.has_residual ? kLayersVersion : kVersionWithoutResidual; }

/// A dataset of a block, [frames, ...], and how much of it is a chunk.
struct BlockData {
  const char* name;
  hid_t type;
  h5::Dims frame;  ///< dimensions of a frame
  h5::Dims chunk;

  h5::Dims of_frames(int frames) const {
    h5::Dims dims{h5::dim(frames)};
    dims.insert(dims.end(), frame.begin(), frame.end());
    return dims;
  }
};

std::vector<BlockData> block_data(const LayersInfo& info) {
  const h5::LibraryLock lock;
  const auto h = h5::dim(info.size.height), w = h5::dim(info.size.width);
  std::vector<BlockData> data{{"rgba", H5T_NATIVE_UINT8, {h5::dim(info.layer_count()), h, w, 4}, {1, 1, h, w, 4}}};
  if (!info.has_residual) return data;
  data.push_back({"residual", H5T_NATIVE_INT8, {h, w, 3}, {1, h, w, 3}});
  data.push_back({"owner", H5T_NATIVE_UINT8, {h, w}, {1, h, w}});
  return data;
}

// Reading verifies the checksums.
void read_all(const h5::Dataset& data) {
  h5::Dims count = data.dims(), offset(count.size(), 0);
  const hsize_t frames = std::exchange(count[0], 1);
  std::vector<std::uint8_t> values(h5::element_count(count));
  for (hsize_t t = 0; t < frames; ++t) {
    offset[0] = t;
    data.read<std::uint8_t>(offset, count, values);
  }
}

void check_h5(herr_t status, const std::filesystem::path& path) {
  if (status < 0) throw Error("cannot write " + path.string() + " (virtual dataset): check its folder and disk");
}

// Maps every block's dataset to its frames in one virtual dataset; file names are relative to the index.
h5::Handle virtual_layout(const std::filesystem::path& path, const LayersInfo& info, const BlockData& data,
                          hid_t whole) {
  const h5::LibraryLock lock;
  h5::Handle layout(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const auto folder = layers_folder(path).filename();
  for (int block = 0; block < info.block_count(); ++block) {
    const auto [first, last] = info.block_range(block);
    const h5::Dims count = data.of_frames(last - first);
    h5::Dims offset(count.size(), 0);
    offset[0] = h5::dim(first);
    const h5::Handle source(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    check_h5(H5Sselect_hyperslab(whole, H5S_SELECT_SET, offset.data(), nullptr, count.data(), nullptr), path);
    const std::string file = (folder / block_name(block)).string();
    check_h5(H5Pset_virtual(layout.get(), whole, file.c_str(), data.name, source.get()), path);
  }
  return layout;
}

void write_virtual(h5::Group& root, const std::filesystem::path& path, const LayersInfo& info, const BlockData& data) {
  const h5::LibraryLock lock;
  const h5::Dims dims = data.of_frames(info.frame_count);
  const h5::Handle whole(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose);
  const h5::Handle layout = virtual_layout(path, info, data, whole.get());
  check_h5(H5Sselect_all(whole.get()), path);
  const h5::Handle dataset(
      H5Dcreate2(root.id(), data.name, data.type, whole.get(), H5P_DEFAULT, layout.get(), H5P_DEFAULT), H5Dclose);
  check_h5(static_cast<herr_t>(dataset.get() < 0 ? -1 : 0), path);
}

void set_info(h5::Group& root, const LayersInfo& info) {
  root.set_attribute("fps_num", std::int64_t{info.fps.num});
  root.set_attribute("fps_den", std::int64_t{info.fps.den});
  root.set_attribute("block_frames", std::int64_t{info.block_frames});
  root.set_attribute("fingerprint", info.fingerprint);
  root.set_attribute("source_path", info.source.path);
  root.set_attribute("source_fingerprint", info.source.fingerprint);
  root.set_attribute("source_start_s", info.source.start_s);
  root.set_attribute("source_has_audio", std::int64_t{info.source.has_audio});
  for (int i = 0; i < info.layer_count(); ++i)
    root.set_attribute(fmt::format("layer_{}", i), info.names[static_cast<std::size_t>(i)]);
}

void write_retiming_info(h5::Group& root, const LayersInfo& info) {
  if (!info.frame_from_plane.empty()) {
    std::vector<double> values;
    for (const auto& h : info.frame_from_plane) values.insert(values.end(), h.begin(), h.end());
    root.create_group("camera").write<double>("frame_from_plane", {info.frame_from_plane.size(), 3, 3}, values);
  }
  if (const auto& lighting = info.lighting; !lighting.gain.empty()) {
    auto group = root.create_group("lighting");
    group.write<float>("gain", {h5::dim(info.frame_count), 3}, lighting.gain);
    group.write<float>("offset",
                       {h5::dim(info.frame_count), h5::dim(lighting.grid.height), h5::dim(lighting.grid.width), 3},
                       lighting.offset);
  }
  if (const auto& observed = info.background_observed; !observed.pixels.empty()) {
    auto group = root.create_group("background");
    group.write<std::uint8_t>("observed", {h5::dim(observed.size.height), h5::dim(observed.size.width)},
                              observed.pixels);
    group.write<double>("bounds", {4}, info.background_bounds);
  }
  if (!info.ground_contact.empty())
    root.write<float>("ground_contact", {h5::dim(info.frame_count), h5::dim(info.layer_count() - 1)},
                      info.ground_contact);
}

void read_retiming_info(const h5::Group& root, LayersInfo& info) {
  if (root.has("camera")) {
    const auto values = root.read<double>("camera/frame_from_plane");
    info.frame_from_plane.resize(values.size() / 9);
    for (std::size_t t = 0; t < info.frame_from_plane.size(); ++t)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(9 * t), 9, info.frame_from_plane[t].begin());
  }
  if (root.has("lighting")) {
    const auto dims = root.dataset("lighting/offset").dims();
    info.lighting = {{static_cast<int>(dims.at(2)), static_cast<int>(dims.at(1))},
                     root.read<float>("lighting/gain"),
                     root.read<float>("lighting/offset")};
  }
  if (root.has("background")) {
    const auto dims = root.dataset("background/observed").dims();
    info.background_observed = Image({static_cast<int>(dims.at(1)), static_cast<int>(dims.at(0))}, 1);
    info.background_observed.pixels = root.read<std::uint8_t>("background/observed");
    const auto bounds = root.read<double>("background/bounds");
    std::copy_n(bounds.begin(), 4, info.background_bounds.begin());
  }
  if (root.has("ground_contact")) info.ground_contact = root.read<float>("ground_contact");
}

LayersInfo read_layers_info(const h5::Group& root) {
  LayersInfo info;
  const h5::Dims dims = root.dataset("rgba").dims();
  info.frame_count = static_cast<int>(dims.at(0));
  info.size = {static_cast<int>(dims.at(3)), static_cast<int>(dims.at(2))};
  info.fps = {static_cast<int>(root.int_attribute("fps_num")), static_cast<int>(root.int_attribute("fps_den"))};
  info.block_frames = static_cast<int>(root.int_attribute("block_frames"));
  info.fingerprint = root.string_attribute("fingerprint");
  info.source = {root.string_attribute("source_path"), root.string_attribute("source_fingerprint"),
                 root.double_attribute("source_start_s"), root.int_attribute("source_has_audio") != 0};
  for (hsize_t i = 0; i < dims.at(1); ++i) info.names.push_back(root.string_attribute(fmt::format("layer_{}", i)));
  const auto order = root.read<std::uint8_t>("order");
  const auto n = static_cast<std::ptrdiff_t>(info.names.size()) - 1;
  for (std::ptrdiff_t t = 0; t < info.frame_count; ++t)
    info.order.emplace_back(order.begin() + n * t, order.begin() + n * (t + 1));
  read_retiming_info(root, info);
  info.has_residual = root.int_attribute("version") >= kLayersVersion;
  return info;
}

void check_coverage(const std::filesystem::path& path, const LayersInfo& info) {
  for (int block = 0; block < info.block_count(); ++block)
    if (!has_layers_block(path, info, block))
      throw Error(path.string() + " is not complete (block " + block_path(path, block).string() +
                  " is missing or damaged): run `retime render` again, it makes only what is missing");
}

// Camera, lighting and ground contact, and what of the background was seen.
void add_retiming_info(const SceneReader& scene, LayersInfo& info) {
  const double scale_x = static_cast<double>(info.size.width) / scene.info().size.width,
               scale_y = static_cast<double>(info.size.height) / scene.info().size.height;
  if (scene.info().has_camera)
    for (const auto& h : scene.read_camera().frame_from_plane)
      info.frame_from_plane.push_back(in_scaled_pixels(h, scale_x, scale_y));
  if (scene.info().has_plate) {
    info.lighting = scene.read_lighting();
    info.background_observed = scene.read_plate().observed;
    info.background_bounds = {-0.5, info.size.width - 0.5, -0.5, info.size.height - 0.5};
    if (scene.info().has_camera) {
      const auto [left, right, top, bottom] = scene.read_camera().bounds;
      const auto scaled = [](double edge, double scale) { return scale * (edge + 0.5) - 0.5; };
      info.background_bounds = {scaled(left, scale_x), scaled(right, scale_x), scaled(top, scale_y),
                                scaled(bottom, scale_y)};
    }
  }
  info.ground_contact = scene.read_ground_contact();
  for (float& row : info.ground_contact) row = static_cast<float>(scale_y * (row + 0.5) - 0.5);
}

}  // namespace

std::pair<int, int> LayersInfo::block_range(int block) const {
  return {block * block_frames, std::min((block + 1) * block_frames, frame_count)};
}

LayersInfo layers_info_of(const SceneReader& scene, int block_frames) {
  LayersInfo info;
  info.size = scene.info().full_size();
  info.fps = scene.info().fps;
  info.frame_count = scene.info().frame_count;
  info.block_frames = block_frames;
  info.names = {"background"};
  info.names.insert(info.names.end(), scene.info().objects.begin(), scene.info().objects.end());
  for (auto order : scene.order()) {
    for (auto& object : order) ++object;
    info.order.push_back(std::move(order));
  }
  info.source = scene.info().source;
  add_retiming_info(scene, info);
  return info;
}

std::filesystem::path layers_folder(const std::filesystem::path& layers_file) {
  auto folder = layers_file;
  return layers_file.has_extension() ? folder.replace_extension() : folder += ".blocks";
}

bool has_layers_block(const std::filesystem::path& layers_file, const LayersInfo& info, int block, BlockCheck check) {
  const auto path = block_path(layers_file, block);
  if (!std::filesystem::exists(path)) return false;
  try {
    const h5::InputFile file(path, kBlockFormat, kLayersVersion);
    const auto [first, last] = info.block_range(block);
    if (file.root().string_attribute("fingerprint") != info.fingerprint ||
        file.root().int_attribute("first_frame") != first)
      return false;
    for (const BlockData& data : block_data(info)) {
      const auto dataset = file.root().dataset(data.name);
      if (dataset.dims() != data.of_frames(last - first)) return false;
      if (check == BlockCheck::kData) read_all(dataset);
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

LayersBlockWriter::LayersBlockWriter(const std::filesystem::path& layers_file, const LayersInfo& info, int block)
    : first_(info.block_range(block).first), file_(block_path(layers_file, block), kBlockFormat, version_of(info)) {
  const auto [first, last] = info.block_range(block);
  file_.root().set_attribute("fingerprint", info.fingerprint);
  file_.root().set_attribute("first_frame", std::int64_t{first});
  std::optional<h5::Dataset>* members[] = {&rgba_, &residual_, &owner_};
  auto member = std::begin(members);
  for (const BlockData& data : block_data(info))
    (*member++)->emplace(
        file_.root().create_dataset(data.name, data.type, data.of_frames(last - first), {data.chunk, 1, false}));
}

void LayersBlockWriter::write(int frame, int layer, const Image& rgba) {
  rgba_->write<std::uint8_t>({h5::dim(frame - first_), h5::dim(layer), 0, 0, 0},
                             {1, 1, h5::dim(rgba.size.height), h5::dim(rgba.size.width), h5::dim(rgba.channels)},
                             rgba.pixels);
}

void LayersBlockWriter::write_residual(int frame, const FrameResidual& residual) {
  const auto t = h5::dim(frame - first_), h = h5::dim(residual.owner.size.height),
             w = h5::dim(residual.owner.size.width);
  residual_->write<std::int8_t>({t, 0, 0, 0}, {1, h, w, 3}, residual.values);
  owner_->write<std::uint8_t>({t, 0, 0}, {1, h, w}, residual.owner.pixels);
}

void LayersBlockWriter::commit() {
  rgba_.reset();
  residual_.reset();
  owner_.reset();
  file_.commit();
}

void write_layers_index(const std::filesystem::path& layers_file, const LayersInfo& info) {
  check_coverage(layers_file, info);
  h5::OutputFile file(layers_file, kIndexFormat, version_of(info));
  set_info(file.root(), info);
  for (const BlockData& data : block_data(info)) write_virtual(file.root(), layers_file, info, data);
  std::vector<std::uint8_t> order;
  for (const auto& frame : info.order) order.insert(order.end(), frame.begin(), frame.end());
  file.root().write<std::uint8_t>("order", {h5::dim(info.frame_count), h5::dim(info.layer_count() - 1)}, order);
  write_retiming_info(file.root(), info);
  file.commit();
}

LayersReader::LayersReader(const std::filesystem::path& path)
    : file_(path, kIndexFormat, kLayersVersion), info_(read_layers_info(file_.root())) {
  check_coverage(path, info_);
}

// The virtual dataset would keep every block file open that was read through it.
const LayersReader::OpenBlock& LayersReader::block(int block) const {
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const OpenBlock& open) { return open.block == block; });
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return *found;
  }
  h5::InputFile file(block_path(path(), block), kBlockFormat, kLayersVersion);
  const h5::Group& root = file.root();
  auto rgba = root.dataset("rgba", h5::ChunkUse::kOnce);
  std::optional<h5::Dataset> residual, owner;
  if (info_.has_residual) {
    residual.emplace(root.dataset("residual", h5::ChunkUse::kOnce));
    owner.emplace(root.dataset("owner", h5::ChunkUse::kOnce));
  }
  open_.push_front({block, std::move(file), std::move(rgba), std::move(residual), std::move(owner)});
  if (open_blocks() > kOpenBlocks) open_.pop_back();
  return open_.front();
}

// `read` gets the open block of a frame and the frame's place in it.
template <class Read>
void LayersReader::read_block(int frame, Read read) const {
  const int number = frame / info_.block_frames;
  try {
    read(block(number), h5::dim(frame - number * info_.block_frames));
  } catch (const Error&) {
    throw Error(fmt::format(
        "cannot read frame {} of {} (block {} is damaged): run `retime render` again, it makes that block anew", frame,
        path().string(), block_path(path(), number).string()));
  }
}

void LayersReader::read(int frame, int layer, Image& rgba) const {
  if (rgba.size != info_.size || rgba.channels != 4) rgba = Image(info_.size, 4);
  read_block(frame, [&](const OpenBlock& block, hsize_t t) {
    block.rgba.read<std::uint8_t>({t, h5::dim(layer), 0, 0, 0},
                                  {1, 1, h5::dim(info_.size.height), h5::dim(info_.size.width), 4}, rgba.pixels);
  });
}

void LayersReader::read_residual(int frame, FrameResidual& residual) const {
  if (!info_.has_residual) throw Error(path().string() + " has no residual: render the layers with detail = beside");
  const auto h = h5::dim(info_.size.height), w = h5::dim(info_.size.width);
  residual.values.resize(3 * info_.size.area());
  if (residual.owner.size != info_.size) residual.owner = Image(info_.size, 1);
  read_block(frame, [&](const OpenBlock& block, hsize_t t) {
    block.residual->read<std::int8_t>({t, 0, 0, 0}, {1, h, w, 3}, residual.values);
    block.owner->read<std::uint8_t>({t, 0, 0}, {1, h, w}, residual.owner.pixels);
  });
}

}  // namespace retime
