#include "data/body/body_layers.hpp"

#include <cmath>

#include "core/error.hpp"
#include "model/config/uv_config.hpp"

namespace retime {
namespace {

constexpr double kLeakySlope = 0.2, kNormEpsilon = 1e-5;  // of the U-Net and its norms
constexpr int kLevels = 5, kKernel = 4;

struct Weights {
  cv::Mat kernel;  // [outputs, inputs, k, k]; of a transposed convolution [inputs, outputs, k, k]
  cv::Mat bias;    // [1, outputs]
};

// What a layer's kernel does to the size of its input.
enum class Step { kHalf, kSame, kDouble, kPixel };

class LayerBuilder {
 public:
  explicit LayerBuilder(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  std::vector<NetworkLayer> build(const ModelOptions& options) {
    std::string x = "input";
    std::vector<std::string> skips;
    for (int i = 1; i <= kLevels; ++i) {
      const double slope = i == 1 && options.first_activation == FirstActivation::kRelu ? 0 : kLeakySlope;
      skips.push_back(x = activated(convolved("net.e" + std::to_string(i), x, Step::kHalf, i > 1), slope));
    }
    for (const char* name : {"net.b1", "net.b2"}) {
      const auto padded = padded_same(name, x, options.bottleneck_dilation);
      x = activated(convolved(name, padded, Step::kSame, true, options.bottleneck_dilation), kLeakySlope);
    }
    for (int i = 1; i <= kLevels; ++i) {
      const std::string name = "net.d" + std::to_string(i);
      const auto both = joined(name, x, skips[static_cast<std::size_t>(kLevels - i)]);
      x = activated(convolved(name, both, Step::kDouble, true), 0);
    }
    x = activated(convolved("net.out", padded_same("net.out", x, 1), Step::kSame, false), 0);
    convolved("parts", x, Step::kPixel, false);
    convolved("uv", x, Step::kPixel, false);
    return std::move(layers_);
  }

 private:
  const NamedArray& array(const std::string& name) const {
    for (const auto& found : checkpoint_.arrays)
      if (found.name == name) return found;
    throw Error("the keypoint-to-UV network has no weights " + name +
                " (it was written by another version): train it "
                "again with `retime uv train`");
  }

  cv::Mat matrix(const std::string& name) const {
    const auto& values = array(name);
    const std::vector<int> sizes(values.dims.begin(), values.dims.end());
    cv::Mat result = sizes.size() == 1 ? cv::Mat(1, sizes[0], CV_32F)
                                       : cv::Mat(static_cast<int>(sizes.size()), sizes.data(), CV_32F);
    std::copy(values.floats.begin(), values.floats.end(), result.ptr<float>());
    return result;
  }

  // A norm in evaluation mode scales and shifts each output of the convolution before it.
  void fold_norm(const std::string& name, Weights& weights, bool is_transposed) const {
    const cv::Mat gain = matrix("parameters/" + name + ".weight"), shift = matrix("parameters/" + name + ".bias");
    const cv::Mat mean = matrix("buffers/" + name + ".running_mean"), var = matrix("buffers/" + name + ".running_var");
    const int outer = weights.kernel.size[0], inner = weights.kernel.size[1];
    for (int k = 0; k < weights.bias.cols; ++k) {
      const double scale = gain.at<float>(k) / std::sqrt(var.at<float>(k) + kNormEpsilon);
      float& bias = weights.bias.at<float>(k);
      bias = static_cast<float>((bias - mean.at<float>(k)) * scale + shift.at<float>(k));
      for (int other = 0; other < (is_transposed ? outer : inner); ++other) {
        float* values = is_transposed ? weights.kernel.ptr<float>(other, k) : weights.kernel.ptr<float>(k, other);
        for (int i = 0; i < kKernel * kKernel; ++i) values[i] = static_cast<float>(values[i] * scale);
      }
    }
  }

  std::string convolved(const std::string& name, const std::string& input, Step step, bool has_norm, int dilation = 1) {
    Weights weights{matrix("parameters/" + name + ".weight"), matrix("parameters/" + name + ".bias")};
    if (has_norm) fold_norm(name + "_norm", weights, step == Step::kDouble);
    const bool scales = step == Step::kHalf || step == Step::kDouble;
    layers_.push_back({name,
                       step == Step::kDouble ? "Deconvolution" : "Convolution",
                       {input},
                       {{"kernel_size", step == Step::kPixel ? 1 : kKernel},
                        {"num_output", weights.bias.cols},
                        {"stride", scales ? 2 : 1},
                        {"pad", scales ? 1 : 0},
                        {"dilation", dilation},
                        {"bias_term", 1}},
                       {},
                       {weights.kernel, weights.bias}});
    return name;
  }

  std::string activated(const std::string& input, double slope) {
    layers_.push_back({input + ".on", "ReLU", {input}, {{"negative_slope", slope}}});
    return layers_.back().name;
  }

  std::string joined(const std::string& name, const std::string& a, const std::string& b) {
    layers_.push_back({name + ".in", "Concat", {a, b}, {{"axis", 1}}});
    return layers_.back().name;
  }

  // OpenCV's convolutions pad both sides alike; a kernel of 4 wants one more below and to the right.
  std::string padded_same(const std::string& name, const std::string& input, int dilation) {
    const int total = (kKernel - 1) * dilation, before = total / 2, after = total - before;
    layers_.push_back(
        {name + ".padded", "Padding", {input}, {}, {{"paddings", {0, 0, 0, 0, before, after, before, after}}}});
    return layers_.back().name;
  }

  const Checkpoint& checkpoint_;
  std::vector<NetworkLayer> layers_;
};

}  // namespace

std::vector<NetworkLayer> body_layers(const Checkpoint& checkpoint) {
  return LayerBuilder(checkpoint).build(UvConfig::from_text(checkpoint.config).model());
}

}  // namespace retime
