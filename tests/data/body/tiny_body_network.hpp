#pragma once

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "format/checkpoint.hpp"
#include "model/config/uv_config.hpp"
#include "pose/joint_picture.hpp"

namespace retime::test {

/// A keypoint-to-UV network of the least size, as a checkpoint: its weights are small numbers that look random.
class TinyBodyNetwork {
 public:
  TinyBodyNetwork() {
    config_.size = kSide, config_.width = kWidth;
    checkpoint_.config = config_.text();
    const int w = kWidth, encoder[]{w, 2 * w, 4 * w, 4 * w, 4 * w}, decoder[]{4 * w, 4 * w, 2 * w, w, w};
    for (int i = 0; i < 5; ++i) {
      const auto number = std::to_string(i + 1);
      convolution("net.e" + number, encoder[i], i == 0 ? kJointPlanes : encoder[i - 1], 4, encoder[i]);
      if (i > 0) norm("net.e" + number + "_norm", encoder[i]);
      const int in = (i == 0 ? 4 * w : decoder[i - 1]) + encoder[4 - i];
      convolution("net.d" + number, in, decoder[i], 4, decoder[i]);
      norm("net.d" + number + "_norm", decoder[i]);
    }
    for (const char* name : {"net.b1", "net.b2"}) {
      convolution(name, 4 * w, 4 * w, 4, 4 * w);
      norm(name + std::string("_norm"), 4 * w);
    }
    convolution("net.out", 2 * w, w, 4, 2 * w);
    convolution("parts", 1 + kBodyParts, 2 * w, 1, 1 + kBodyParts);
    convolution("uv", 2 * kBodyParts, 2 * w, 1, 2 * kBodyParts);
  }

  static constexpr int kSide = 32, kWidth = 4;

  const Checkpoint& checkpoint() const { return checkpoint_; }
  /// The values of an array, to be changed.
  std::vector<float>& values(const std::string& name) {
    for (auto& array : checkpoint_.arrays)
      if (array.name == name) return array.floats;
    throw std::out_of_range(name);
  }
  /// Everywhere part `part` with U and V in the middle, in the whole square that the network sees.
  void paint_everywhere(int part) {
    for (const char* head : {"parts", "uv"})
      for (const char* kind : {".weight", ".bias"})
        for (float& value : values("parameters/" + std::string(head) + kind))
          value = head[0] == 'u' && kind[1] == 'b' ? 0.5F : 0;
    values("parameters/parts.bias")[static_cast<std::size_t>(part)] = 10;
  }
  std::filesystem::path write(const std::filesystem::path& file) const {
    write_checkpoint(file, checkpoint_);
    return file;
  }

 private:
  float number(float from, float to) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return from + (to - from) * static_cast<float>(state_ >> 40) / static_cast<float>(1 << 24);
  }
  void add(const std::string& name, h5::Dims dims, float from, float to) {
    NamedArray array{name, std::move(dims), {}, {}};
    std::size_t count = 1;
    for (const auto length : array.dims) count *= length;
    for (std::size_t i = 0; i < count; ++i) array.floats.push_back(number(from, to));
    checkpoint_.arrays.push_back(std::move(array));
  }
  void convolution(const std::string& name, int first, int second, int kernel, int outputs) {
    const auto side = [](int n) { return static_cast<h5::Dims::value_type>(n); };
    const float reach = 1 / std::sqrt(static_cast<float>(kernel * kernel * std::min(first, second)));
    add("parameters/" + name + ".weight", {side(first), side(second), side(kernel), side(kernel)}, -reach, reach);
    add("parameters/" + name + ".bias", {side(outputs)}, -0.1F, 0.1F);
  }
  void norm(const std::string& name, int channels) {
    const h5::Dims dims{static_cast<h5::Dims::value_type>(channels)};
    add("parameters/" + name + ".weight", dims, 0.5F, 1.5F), add("parameters/" + name + ".bias", dims, -0.2F, 0.2F);
    add("buffers/" + name + ".running_mean", dims, -0.2F, 0.2F);
    add("buffers/" + name + ".running_var", dims, 0.3F, 1.2F);
  }

  UvConfig config_;
  Checkpoint checkpoint_;
  std::uint64_t state_ = 1;
};

}  // namespace retime::test
