#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "core/h5.hpp"
#include "format/frame_residual.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"

namespace retime {

/// What layers.h5 says about its layers.
struct LayersInfo {
  Size size;
  FrameRate fps;
  int frame_count = 0;
  int block_frames = 16;                         ///< frames in a block file; the last block may hold fewer
  std::vector<std::string> names;                ///< layer 0 is "background", layer i + 1 is object i; never reordered
  std::vector<std::vector<std::uint8_t>> order;  ///< per frame: object layers (1..N) back to front
  SourceRef source;
  std::string fingerprint;  ///< of the checkpoint and scene that the layers were made from

  // What retiming needs besides pixels. All may be empty: not known, or in the camera's case standing still.
  std::vector<Homography> frame_from_plane;  ///< moving camera, per frame, in pixels of the layers
  SceneLighting lighting;                    ///< per frame
  std::vector<float> ground_contact;         ///< [T, N] row in pixels of the layers (moving camera: of the plane), NaN
  /// [h, w, 1] 255 where some frame shows the background, 0 where it was painted in; of the picture, or for a moving
  /// camera of the plane's rectangle `background_bounds` [left, right, top, bottom] in pixels of the layers.
  Image background_observed;
  std::array<double, 4> background_bounds{};

  bool has_residual = false;  ///< whether what the layers miss of the frames lies beside them

  int layer_count() const { return static_cast<int>(names.size()); }
  int block_count() const { return (frame_count + block_frames - 1) / block_frames; }
  /// First frame of a block and one past its last.
  std::pair<int, int> block_range(int block) const;
};

/// What a scene says about layers of its frames' full size, one per object: everything but the fingerprint.
LayersInfo layers_info_of(const SceneReader& scene, int block_frames);

/// The folder that holds the block files of a layers file: beside it, named after it ("layers.h5" -> "layers").
std::filesystem::path layers_folder(const std::filesystem::path& layers_file);

/// How closely a block file is looked at.
enum class BlockCheck { kHeader, kData };

/// Whether a block file is there, complete and made from `info.fingerprint`; with kData also whether all of its data
/// can be read (the checksums hold).
bool has_layers_block(const std::filesystem::path& layers_file, const LayersInfo& info, int block,
                      BlockCheck check = BlockCheck::kHeader);

/// Writes one block, frame by frame. The file appears when `commit` succeeds.
class LayersBlockWriter {
 public:
  LayersBlockWriter(const std::filesystem::path& layers_file, const LayersInfo& info, int block);
  /// `rgba` is [H, W, 4], straight alpha. Layers that are never written stay empty (all zero).
  void write(int frame, int layer, const Image& rgba);
  /// Only for layers whose info has a residual; every frame needs its own.
  void write_residual(int frame, const FrameResidual& residual);
  void commit();

 private:
  int first_;
  h5::OutputFile file_;
  std::optional<h5::Dataset> rgba_, residual_, owner_;
};

/// Writes the index: a virtual dataset over the block files for each of their datasets, names, order, rate and source.
/// All blocks must be there.
void write_layers_index(const std::filesystem::path& layers_file, const LayersInfo& info);

/// Reads layers.h5. The constructor checks that every block is there and complete (a virtual dataset would read zeros
/// for a missing one without a word) and throws Error naming what is missing.
class LayersReader {
 public:
  explicit LayersReader(const std::filesystem::path& path);
  const LayersInfo& info() const { return info_; }
  const std::filesystem::path& path() const { return file_.path(); }
  /// Reads one layer of one frame as [H, W, 4], straight alpha. Throws Error naming the block when it is damaged.
  void read(int frame, int layer, Image& rgba) const;
  /// What the layers of a frame miss of it, only where info().has_residual. Throws Error naming the block likewise.
  void read_residual(int frame, FrameResidual& residual) const;
  /// Block files that are open: those read last, however many there are.
  int open_blocks() const { return static_cast<int>(open_.size()); }

 private:
  struct OpenBlock {
    int block;
    h5::InputFile file;
    h5::Dataset rgba;
    std::optional<h5::Dataset> residual, owner;
  };
  const OpenBlock& block(int block) const;
  template <class Read>
  void read_block(int frame, Read read) const;

  h5::InputFile file_;
  LayersInfo info_;
  mutable std::list<OpenBlock> open_;  ///< latest first
};

}  // namespace retime
