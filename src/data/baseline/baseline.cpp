#include "data/baseline/baseline.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/baseline/baseline_background.hpp"
#include "data/baseline/baseline_layers.hpp"
#include "format/layers.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr const char* kVersion = "1";  // of what the baselines compute

Image opaque(const cv::Mat& rgb) {
  cv::Mat rgba;
  cv::merge(std::vector<cv::Mat>{rgb, cv::Mat(rgb.size(), CV_8U, cv::Scalar(255))}, rgba);
  return to_image(rgba);
}

LayersInfo layers_info(const SceneReader& scene, const BaselineOptions& options) {
  LayersInfo info = layers_info_of(scene, options.block_frames);
  info.fingerprint = scene.fingerprint() + "-baseline-" + options.method + kVersion;
  info.lighting = {};  // the baselines know nothing of light
  return info;
}

/// Makes the layers of one frame after the other.
class BaselineWriter {
 public:
  BaselineWriter(const SceneReader& scene, const BaselineOptions& options)
      : scene_(scene), mattes_(options.method == "matting"), background_(scene) {}

  void write_frame(int frame, LayersBlockWriter& block) const {
    const Image picture = scene_.read_full(frame);
    const cv::Mat rgb = as_mat(picture);
    const cv::Mat background = background_.frame(frame);
    const auto masks = visible_masks(scene_, frame);
    const auto layers = mattes_ ? matting_layers(rgb, background, masks) : cutout_layers(rgb, masks);
    block.write(frame, 0, opaque(background));
    for (std::size_t i = 0; i < layers.size(); ++i) block.write(frame, static_cast<int>(i) + 1, to_image(layers[i]));
  }

 private:
  const SceneReader& scene_;
  bool mattes_;
  BaselineBackground background_;
};

}  // namespace

void write_baseline(const std::filesystem::path& scene_file, const std::filesystem::path& layers_file,
                    const BaselineOptions& options) {
  const SceneReader scene(scene_file);
  check_writable(layers_file);
  make_folder(layers_folder(layers_file));
  const OutputLock lock(layers_file);
  const LayersInfo info = layers_info(scene, options);
  const BaselineWriter writer(scene, options);
  Progress progress("baseline " + options.method, "frames", info.frame_count, options.show_progress);
  for (int block = 0; block < info.block_count(); ++block) {
    const auto [first, last] = info.block_range(block);
    LayersBlockWriter file(layers_file, info, block);
    for (int t = first; t < last; ++t) {
      writer.write_frame(t, file);
      progress.update(t + 1);
    }
    file.commit();
  }
  write_layers_index(layers_file, info);
}

}  // namespace retime
