#pragma once

#include "format/layers.hpp"
#include "post/compose/layer_source.hpp"

namespace retime {

/// The layers of a layers.h5, as the compositor wants them.
class LayersFileSource final : public LayerSource {
 public:
  explicit LayersFileSource(const std::filesystem::path& path);

  const LayerSourceInfo& info() const override { return info_; }
  void read(int frame, int layer, Image& rgba) override { reader_.read(frame, layer, rgba); }
  std::vector<int> order(int frame) override;
  std::optional<double> ground_contact(int frame, int layer) override;
  const LayersInfo& layers() const { return reader_.info(); }

 private:
  LayersReader reader_;
  LayerSourceInfo info_;
};

}  // namespace retime
