#include "synth/synth_scene.hpp"

#include <mutex>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "synth/draw/raster.hpp"
#include "synth/figure/body.hpp"
#include "synth/set/room.hpp"

namespace retime::synth {
namespace {

constexpr int kOversampling = 2;   // pixels of the panorama per pixel of a frame
constexpr double kShutter = 0.35;  // share of a frame's time
constexpr int kBackdropSamples = 16;

Size half(Size size) { return {size.width / 2, size.height / 2}; }

cv::Mat with_vignette(const Backdrop& backdrop, Size size) {
  cv::Mat out = backdrop.color.clone();
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x) out.at<cv::Vec3f>(y, x) *= static_cast<float>(vignette_at(size, x, y));
  return out;
}

cv::Mat to_levels(const cv::Mat& picture, Vec3 gain) {
  cv::Mat out;
  cv::multiply(picture, cv::Scalar(255 * gain.x, 255 * gain.y, 255 * gain.z), out);
  out.convertTo(out, CV_8UC3);
  return out;
}

cv::Mat to_premultiplied(const cv::Mat& rgba) {
  cv::Mat out(rgba.size(), CV_32FC4);
  for (int y = 0; y < rgba.rows; ++y)
    for (int x = 0; x < rgba.cols; ++x) {
      const auto& p = rgba.at<cv::Vec4w>(y, x);
      const float alpha = p[3] / 65535.F;
      out.at<cv::Vec4f>(y, x) = {p[0] / 65535.F * alpha, p[1] / 65535.F * alpha, p[2] / 65535.F * alpha, alpha};
    }
  return out;
}

// Premultiplied to 8-bit straight alpha, in the light of a frame.
cv::Mat to_rgba(const cv::Mat& premultiplied, Vec3 gain) {
  const float light[] = {static_cast<float>(gain.x), static_cast<float>(gain.y), static_cast<float>(gain.z)};
  cv::Mat out = cv::Mat::zeros(premultiplied.size(), CV_8UC4);
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x) {
      const auto& p = premultiplied.at<cv::Vec4f>(y, x);
      const auto alpha = cv::saturate_cast<uchar>(255 * p[3]);
      if (alpha == 0) continue;
      auto& q = out.at<cv::Vec4b>(y, x);
      for (int c = 0; c < 3; ++c) q[c] = cv::saturate_cast<uchar>(255 * light[c] * p[c] / p[3]);
      q[3] = alpha;
    }
  return out;
}

}  // namespace

SynthScene::SynthScene(const SynthOptions& options, const std::function<void(int, int)>& progress)
    : options_(options), stage_(make_stage(options)) {
  lay_out_plane();
  const int per_pixel = moving_camera() ? std::max(4, kBackdropSamples / 3) : kBackdropSamples;
  backdrop_ = render_backdrop(stage_.room, plane_, std::min(per_pixel, 4 * options_.samples));
  background_ = moving_camera() ? backdrop_.color : with_vignette(backdrop_, plane_.size);
  LayerSettings settings;
  settings.samples = moving_camera() ? std::max(1, options_.samples / 2) : options_.samples;
  settings.shutter_s = kShutter / options_.fps;
  settings.vignette = !moving_camera();
  layers_.resize(static_cast<std::size_t>(frames() * objects()));
  std::mutex mutex;
  int done = 0;
  const int count = static_cast<int>(layers_.size());
  cv::parallel_for_(
      {0, count},
      [&](const cv::Range& range) {
        for (int i = range.start; i < range.end; ++i) {
          const auto& figure = stage_.figures[static_cast<std::size_t>(i / frames())];
          layers_[static_cast<std::size_t>(i)] =
              render_layer(figure, stage_.water, stage_.room.light, plane_, backdrop_, time_of(i % frames()), settings);
          const std::lock_guard lock(mutex);
          if (progress) progress(++done, count);
        }
      },
      count);
}

// A camera that stands still has its picture for a plane. One that turns has a panorama in the picture plane of frame
// 0, of whole pixels of the training size, with a pixel to spare on all sides.
void SynthScene::lay_out_plane() {
  const Size training = half(options_.full_size());
  bounds_ = {-0.5, training.width - 0.5, -0.5, training.height - 0.5};
  plane_ = camera(0);
  if (!moving_camera()) return;
  const Pinhole reference = camera(0).windowed(0, 0, 0.5, training);
  double left = 0, right = 0, top = 0, bottom = 0;
  for (int t = 0; t < frames(); ++t) {
    const Pinhole frame = camera(t).windowed(0, 0, 0.5, training);
    for (const double u : {-0.5, training.width - 0.5})
      for (const double v : {-0.5, training.height - 0.5}) {
        const Projected p = reference.project(frame.position + frame.direction(u, v));
        left = std::min(left, p.u), right = std::max(right, p.u);
        top = std::min(top, p.v), bottom = std::max(bottom, p.v);
      }
  }
  bounds_ = {std::floor(left) - 1.5, std::ceil(right) + 1.5, std::floor(top) - 1.5, std::ceil(bottom) + 1.5};
  const int width = static_cast<int>(std::lround(bounds_[1] - bounds_[0]));
  const int height = static_cast<int>(std::lround(bounds_[3] - bounds_[2]));
  constexpr int kScale = 2 * kOversampling;
  plane_ = reference.windowed(bounds_[0] + 0.5, bounds_[2] + 0.5, kScale, {kScale * width, kScale * height});
}

Pinhole SynthScene::camera(int frame) const {
  return stage_camera(stage_, options_.full_size(), static_cast<double>(frame) / std::max(1, frames() - 1));
}

Vec3 SynthScene::gain(int frame) const {
  const double w = 6.283 * frame / frames(), phase = 6.283 * hash_unit(options_.seed, 5, 17);
  const double slow = 0.75 * std::sin(0.9 * w + phase) + 0.25 * std::sin(2.3 * w + 2 * phase);
  const double tint = 0.3 * std::sin(0.7 * w + 1.7 * phase);
  return Vec3{1, 1, 1} + Vec3{slow + tint, slow, slow - tint} * options_.drift;
}

// What a frame's camera sees of a picture in the plane whose upper left pixel is `corner`.
cv::Mat SynthScene::seen(const cv::Mat& picture, cv::Point corner, int frame) const {
  const Size size = options_.full_size();
  if (!moving_camera()) {
    if (picture.size() == cv::Size(size.width, size.height)) return picture;
    cv::Mat out = cv::Mat::zeros(size.height, size.width, picture.type());
    picture.copyTo(out(cv::Rect(corner, picture.size())));
    return out;
  }
  const Size large{kOversampling * size.width, kOversampling * size.height};
  const Pinhole to = camera(frame).windowed(0, 0, kOversampling, large);
  const Pinhole from = plane_.windowed(corner.x, corner.y, 1, {picture.cols, picture.rows});
  const auto h = homography_between(from, to);
  cv::Mat warped, out;
  cv::warpPerspective(picture, warped, cv::Mat(3, 3, CV_64F, const_cast<double*>(h.data())),
                      {large.width, large.height}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar::all(0));
  cv::resize(warped, out, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  return out;
}

const RenderedLayer& SynthScene::rendered(int object, int frame) const {
  return layers_.at(static_cast<std::size_t>(object * frames() + frame));
}

cv::Mat SynthScene::plate() const {
  cv::Mat full = background_;
  if (moving_camera()) cv::resize(background_, full, background_.size() / kOversampling, 0, 0, cv::INTER_AREA);
  return to_levels(full, {1, 1, 1});
}

CameraPath SynthScene::camera_path() const {
  const Size training = half(options_.full_size());
  const Pinhole reference = camera(0).windowed(0, 0, 0.5, training);
  CameraPath path;
  path.bounds = bounds_;
  for (int t = 0; t < frames(); ++t)
    path.frame_from_plane.push_back(homography_between(reference, camera(t).windowed(0, 0, 0.5, training)));
  return path;
}

cv::Mat SynthScene::background(int frame) const { return to_levels(seen(background_, {}, frame), gain(frame)); }

cv::Mat SynthScene::layer(int object, int source, int output) const {
  const RenderedLayer& layer = rendered(object, source);
  const Size size = options_.full_size();
  if (layer.rgba.empty()) return cv::Mat::zeros(size.height, size.width, CV_8UC4);
  return to_rgba(seen(to_premultiplied(layer.rgba), layer.box.tl(), output), gain(output));
}

cv::Mat SynthScene::body(int object, int frame) const {
  const RenderedLayer& layer = rendered(object, frame);
  const Size size = options_.full_size();
  cv::Mat out = cv::Mat::zeros(size.height, size.width, CV_8U);
  if (!layer.body.empty()) seen(layer.body, layer.box.tl(), frame).convertTo(out, CV_8U, 1.0 / 257);
  return out;
}

cv::Mat SynthScene::iuv(int object, int frame, Size size) const {
  const Size full = options_.full_size();
  const Pinhole view = camera(frame).windowed(0, 0, static_cast<double>(size.width) / full.width, size);
  const Mesh mesh = body_mesh(stage_.figures[static_cast<std::size_t>(object)], time_of(frame));
  const FragmentBuffer drawn = rasterize(mesh, view, {0, 0, size.width, size.height});
  cv::Mat out = cv::Mat::zeros(size.height, size.width, CV_8UC3);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const Fragment& f = drawn.at(x, y);
      if (f.triangle < 0) continue;
      const Vertex v = surface_point(mesh, f);
      const PartPoint p = part_point(mesh.triangles[static_cast<std::size_t>(f.triangle)].limb, v.around, v.along);
      if (p.part > 0)
        out.at<cv::Vec3b>(y, x) = {static_cast<uchar>(p.part), cv::saturate_cast<uchar>(255 * p.u),
                                   cv::saturate_cast<uchar>(255 * p.v)};
    }
  return out;
}

std::array<cv::Point2d, 17> SynthScene::keypoints(int object, int frame) const {
  const Performer& performer = stage_.figures[static_cast<std::size_t>(object)].performer;
  const auto joints = coco_keypoints(performer.build, pose_at(performer, time_of(frame)));
  const Pinhole view = camera(frame);
  std::array<cv::Point2d, 17> points;
  for (std::size_t i = 0; i < joints.size(); ++i) {
    const Projected p = view.project(joints[i]);
    points[i] = {p.u, p.v};
  }
  return points;
}

double SynthScene::depth(int object, int frame) const {
  const Vec3 place = stage_.figures[static_cast<std::size_t>(object)].performer.path.at_time(time_of(frame)).position;
  return std::hypot(place.x - plane_.position.x, place.z - plane_.position.z);
}

std::vector<int> SynthScene::order(int frame) const {
  std::vector<int> order(static_cast<std::size_t>(objects()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return depth(a, frame) > depth(b, frame); });
  return order;
}

cv::Mat composited(const cv::Mat& background, const std::vector<cv::Mat>& layers) {
  cv::Mat out;
  background.convertTo(out, CV_32FC3);
  for (const cv::Mat& layer : layers)
    for (int y = 0; y < out.rows; ++y)
      for (int x = 0; x < out.cols; ++x) {
        const auto& top = layer.at<cv::Vec4b>(y, x);
        if (top[3] == 0) continue;
        const float alpha = top[3] / 255.F;
        auto& under = out.at<cv::Vec3f>(y, x);
        for (int c = 0; c < 3; ++c) under[c] = alpha * top[c] + (1 - alpha) * under[c];
      }
  return out;
}

}  // namespace retime::synth
