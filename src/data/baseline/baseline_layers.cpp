#include "data/baseline/baseline_layers.hpp"

#include <algorithm>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/progress.hpp"
#include "data/baseline/baseline_background.hpp"
#include "data/matting/matting.hpp"
#include "format/layers.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr double kSmoothing = 1.5;      // pixels, before differences are told from noise
constexpr float kReach = 0.9F;          // of an object's height: how far its effects lie from it
constexpr float kLeastReach = 0.1F;     // of the picture's width
constexpr float kLeastLevels = 4.5F;    // a smoothed difference below this is noise in every frame
constexpr float kQuantile = 0.9F;       // of the differences out of all objects' reach, which are noise and light
constexpr float kAboveQuantile = 1.1F;  // what is above that quantile by this factor begins to count
constexpr float kFull = 1.7F;           // times the threshold: what counts in full
constexpr std::size_t kFewest = 500;    // pixels out of reach that tell the noise

/// Which object's a pixel would be, if it is anybody's.
struct Owners {
  cv::Mat index;     // CV_32S, -1 = out of reach of all
  cv::Mat distance;  // CV_32F, pixels to the nearest mask
};

float reach_of(const cv::Mat& inside) {
  const float height = static_cast<float>(cv::boundingRect(inside).height);
  return std::max(kReach * height, kLeastReach * static_cast<float>(inside.cols));
}

Owners find_owners(const std::vector<cv::Mat>& masks) {
  const cv::Size size = masks.front().size();
  Owners owners{cv::Mat(size, CV_32S, cv::Scalar(-1)),
                cv::Mat(size, CV_32F, cv::Scalar(std::numeric_limits<float>::max()))};
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const cv::Mat inside = masks[i] > 0.5F;
    if (cv::countNonZero(inside) == 0) continue;
    cv::Mat distance;
    cv::distanceTransform(~inside, distance, cv::DIST_L2, 3);
    const cv::Mat nearer = (distance < owners.distance) & (distance < reach_of(inside));
    distance.copyTo(owners.distance, nearer);
    owners.index.setTo(static_cast<int>(i), nearer);
  }
  return owners;
}

// Largest channel of the smoothed difference, CV_32F.
cv::Mat visible_difference(const cv::Mat& frame, const cv::Mat& background) {
  cv::Mat f, b, channels[3];
  frame.convertTo(f, CV_32F);
  background.convertTo(b, CV_32F);
  cv::Mat difference = f - b;
  cv::GaussianBlur(difference, difference, {0, 0}, kSmoothing);
  cv::split(cv::abs(difference), channels);
  return cv::max(channels[0], cv::max(channels[1], channels[2]));
}

// What a difference must exceed, from pixels that no object reaches.
float noise_threshold(const cv::Mat& difference, const cv::Mat& owners) {
  std::vector<float> quiet;
  for (int y = 0; y < difference.rows; y += 2)
    for (int x = 0; x < difference.cols; x += 2)
      if (owners.at<int>(y, x) < 0) quiet.push_back(difference.at<float>(y, x));
  if (quiet.size() < kFewest) return kLeastLevels;
  const auto rank = static_cast<std::ptrdiff_t>(kQuantile * static_cast<float>(quiet.size() - 1));
  std::nth_element(quiet.begin(), quiet.begin() + rank, quiet.end());
  return std::max(kLeastLevels, kAboveQuantile * quiet[static_cast<std::size_t>(rank)]);
}

// The colour that with `alpha` over `b` gives `f`, as far as there is one.
cv::Vec4b straight(const cv::Vec3f& f, const cv::Vec3f& b, float alpha) {
  const uchar a = cv::saturate_cast<uchar>(255.F * alpha);
  if (a == 0) return {};
  const cv::Vec3f color = b + (f - b) * (255.F / static_cast<float>(a));
  return {cv::saturate_cast<uchar>(color[0]), cv::saturate_cast<uchar>(color[1]), cv::saturate_cast<uchar>(color[2]),
          a};
}

cv::Vec4b matte_pixel(const cv::Vec3f& f, const cv::Vec3f& b, float mask, float weight) {
  const cv::Vec3f shown = b + std::max(mask, weight) * (f - b);
  return straight(shown, b, std::max(mask, least_alpha(shown, b)));
}

constexpr double kEdge = 0.7;  // pixels: standard deviation of the blur at outlines

cv::Mat mask_of_body_map(const SceneReader& scene, int object, int frame) {
  const Size full = scene.info().full_size();
  cv::Mat iuv(full.height, full.width, CV_8UC3), part, soft;
  scene.read_iuv_full(object, frame, 1, {iuv.data, full.area() * 3});
  cv::extractChannel(iuv, part, 0);
  cv::Mat(part > 0).convertTo(soft, CV_32F, 1.0 / 255.0);
  cv::GaussianBlur(soft, soft, {0, 0}, kEdge);
  return soft;
}

cv::Mat mask_of_trimap(const SceneReader& scene, int object, int frame) {
  const SceneInfo& info = scene.info();
  const Size full = info.full_size();
  cv::Mat trimap(info.size.height, info.size.width, CV_8U), mask, soft;
  scene.read_trimap(object, frame, 1, {trimap.data, info.size.area()});
  cv::Mat(trimap == 255).convertTo(mask, CV_32F, 1.0 / 255.0);
  cv::resize(mask, soft, {full.width, full.height}, 0, 0, cv::INTER_LINEAR);
  return soft;
}

constexpr const char* kVersion = "1";  // of what the baselines compute

Image opaque(const cv::Mat& rgb) {
  cv::Mat rgba;
  cv::merge(std::vector<cv::Mat>{rgb, cv::Mat(rgb.size(), CV_8U, cv::Scalar(255))}, rgba);
  return to_image(rgba);
}

LayersInfo layers_info(const SceneReader& scene, const BaselineOptions& options) {
  LayersInfo info = layers_info_of(scene, options.block_frames);
  info.fingerprint = scene.fingerprint() + "-baseline-" + word_of(kBaselineMethods, options.method) + kVersion;
  info.lighting = {};  // the baselines know nothing of light
  return info;
}

/// Makes the layers of one frame after the other.
class BaselineWriter {
 public:
  BaselineWriter(const SceneReader& scene, const BaselineOptions& options)
      : scene_(scene), mattes_(options.method == BaselineMethod::kMatting), background_(scene) {}

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

std::vector<cv::Mat> cutout_layers(const cv::Mat& frame, const std::vector<cv::Mat>& masks) {
  std::vector<cv::Mat> layers;
  for (const cv::Mat& mask : masks) {
    cv::Mat alpha, layer;
    mask.convertTo(alpha, CV_8U, 255);
    cv::merge(std::vector<cv::Mat>{frame, alpha}, layer);
    layer.setTo(cv::Scalar::all(0), alpha == 0);
    layers.push_back(layer);
  }
  return layers;
}

std::vector<cv::Mat> matting_layers(const cv::Mat& frame, const cv::Mat& background,
                                    const std::vector<cv::Mat>& masks) {
  const Owners owners = find_owners(masks);
  const cv::Mat difference = visible_difference(frame, background);
  const float threshold = noise_threshold(difference, owners.index);
  std::vector<cv::Mat> layers;
  for (std::size_t i = 0; i < masks.size(); ++i) layers.push_back(cv::Mat::zeros(frame.size(), CV_8UC4));
  for (int y = 0; y < frame.rows; ++y)
    for (int x = 0; x < frame.cols; ++x) {
      const int owner = owners.index.at<int>(y, x);
      if (owner < 0) continue;
      const auto object = static_cast<std::size_t>(owner);
      const float weight = std::clamp((difference.at<float>(y, x) / threshold - 1) / (kFull - 1), 0.F, 1.F);
      layers[object].at<cv::Vec4b>(y, x) =
          matte_pixel(frame.at<cv::Vec3b>(y, x), background.at<cv::Vec3b>(y, x), masks[object].at<float>(y, x), weight);
    }
  return layers;
}

cv::Mat soft_mask(const SceneReader& scene, int object, int frame) {
  if (scene.presence()[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)] == 0) {
    const Size full = scene.info().full_size();
    return cv::Mat::zeros(full.height, full.width, CV_32F);
  }
  return scene.info().has_full_iuv ? mask_of_body_map(scene, object, frame) : mask_of_trimap(scene, object, frame);
}

std::vector<cv::Mat> visible_masks(const SceneReader& scene, int frame) {
  const Size full = scene.info().full_size();
  std::vector<cv::Mat> masks(scene.info().objects.size());
  cv::Mat open(full.height, full.width, CV_32F, cv::Scalar(1));
  const auto& order = scene.order()[static_cast<std::size_t>(frame)];
  for (auto object = order.rbegin(); object != order.rend(); ++object) {
    const cv::Mat mask = soft_mask(scene, *object, frame);
    masks[*object] = mask.mul(open);
    open = open.mul(1 - mask);
  }
  return masks;
}

void write_baseline(const std::filesystem::path& scene_file, const std::filesystem::path& layers_file,
                    const BaselineOptions& options) {
  const SceneReader scene(scene_file);
  check_writable(layers_file);
  make_folder(layers_folder(layers_file));
  const OutputLock lock(layers_file);
  const LayersInfo info = layers_info(scene, options);
  const BaselineWriter writer(scene, options);
  Progress progress("baseline " + word_of(kBaselineMethods, options.method), "frames", info.frame_count,
                    options.show_progress);
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
