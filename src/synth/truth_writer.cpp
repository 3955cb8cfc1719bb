#include "synth/truth_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/error.hpp"
#include "core/files.hpp"
#include "media/mat.hpp"
#include "media/picture.hpp"
#include "synth/draw/noise.hpp"

namespace fs = std::filesystem;

namespace retime::synth {
namespace {

constexpr double kSeen = 0.95, kHidden = 0.35, kOutside = 0.05;

double rounded(double value) { return std::round(value * 100) / 100; }

double confidence(const cv::Point2d& p, const std::vector<cv::Mat>& in_front, Size size) {
  const int x = static_cast<int>(std::lround(p.x)), y = static_cast<int>(std::lround(p.y));
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return kOutside;
  for (const cv::Mat& body : in_front)
    if (body.at<uchar>(y, x) > 127) return kHidden;
  return kSeen;
}

nlohmann::json person(const SynthScene& scene, int object, int frame, const std::vector<cv::Mat>& in_front) {
  nlohmann::json json{{"idx", object + 1}};
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9, score = 0;
  for (const cv::Point2d& p : scene.keypoints(object, frame)) {
    const double c = confidence(p, in_front, scene.options().full_size());
    for (const double value : {rounded(p.x), rounded(p.y), c}) json["keypoints"].push_back(value);
    left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    score += c / 17;
  }
  const double margin = 0.1 * (bottom - top);
  json["box"] = {rounded(left - margin), rounded(top - margin), rounded(right - left + 2 * margin),
                 rounded(bottom - top + 2 * margin)};
  json["scores"] = rounded(3 * score);
  return json;
}

constexpr int kDilation = 3, kBlock = 8;  // pixels by which rough masks are too large, and of their blocks

cv::Mat dilated(const cv::Mat& mask) {
  cv::Mat distance;
  cv::distanceTransform(~mask, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  return distance <= kDilation;
}

// What covers at least half of a block is all of it.
cv::Mat coarse(const cv::Mat& mask) {
  cv::Mat blocks, result;
  const cv::Size count((mask.cols + kBlock - 1) / kBlock, (mask.rows + kBlock - 1) / kBlock);
  cv::copyMakeBorder(mask, blocks, 0, count.height * kBlock - mask.rows, 0, count.width * kBlock - mask.cols,
                     cv::BORDER_REPLICATE);
  cv::resize(blocks, blocks, count, 0, 0, cv::INTER_AREA);
  cv::resize(blocks > 127, result, {}, kBlock, kBlock, cv::INTER_NEAREST);
  return result({0, 0, mask.cols, mask.rows}).clone();
}

// As AlphaPose with PoseFlow does.
void write_keypoints(const SynthScene& scene, const std::filesystem::path& path) {
  nlohmann::json json;
  for (int t = 0; t < scene.frames(); ++t) {
    std::vector<cv::Mat> in_front;
    auto order = scene.order(t);
    auto& people = json[frame_name(t)] = nlohmann::json::array();
    for (auto object = order.rbegin(); object != order.rend(); ++object) {
      people.push_back(person(scene, *object, t, in_front));
      in_front.push_back(scene.body(*object, t));
    }
  }
  write_text_file(path, json.dump() + "\n");
}

void write_metadata(const SynthScene& scene, const std::filesystem::path& path) {
  const Size full = scene.options().full_size(), small = scene.options().training_size();
  nlohmann::json json;
  json["alphapose_input_size"] = {full.width, full.height};
  json["size_LR"] = {small.width, small.height};
  json["n_textures"] = 24 * scene.objects() + 1;
  auto& order = json["composite_order"] = nlohmann::json::array();
  for (int t = 0; t < scene.frames(); ++t) {
    auto layers = scene.order(t);
    for (int& layer : layers) ++layer;
    order.push_back(layers);
  }
  auto& people = json["people_layers"] = nlohmann::json::array();
  for (int i = 0; i < scene.objects(); ++i) people.push_back({i + 1});
  write_text_file(path, json.dump() + "\n");
}

void write_truth(const SynthScene& scene, const std::filesystem::path& path) {
  const SynthOptions& o = scene.options();
  const Size full = o.full_size(), small = o.training_size();
  nlohmann::json json{{"format", 1},
                      {"program", "retime synth"},
                      {"kind", o.scene},
                      {"seed", o.seed},
                      {"size", {full.width, full.height}},
                      {"training_size", {small.width, small.height}},
                      {"frames", o.frames},
                      {"fps", {o.fps, 1}},
                      {"noise", o.noise},
                      {"drift", o.drift},
                      {"samples", o.samples},
                      {"moving_camera", scene.moving_camera()},
                      {"description", scene.stage().description}};
  for (int i = 0; i < scene.objects(); ++i) json["objects"].push_back(object_name(i));
  for (int t = 0; t < o.frames; ++t) json["order"].push_back(scene.order(t));
  for (const NamedEdit& edit : scene.stage().edits) json["edits"].push_back(edit.name);
  write_text_file(path, json.dump(1) + "\n");
}

void write_homographies(const SynthScene& scene, const std::filesystem::path& file) {
  const Size small = scene.options().training_size();
  const CameraPath path = scene.camera_path();
  std::string text =
      fmt::format("size: {} {}\nbounds: {:.10g}\n", small.width, small.height, fmt::join(path.bounds, " "));
  for (const auto& h : path.frame_from_plane) text += fmt::format("{:.12g}\n", fmt::join(h, " "));
  write_text_file(file, text);
}

constexpr double kTrimapBand = 20.0 / 448;  // of the width, as the released code has it

void save_picture(const fs::path& path, const cv::Mat& picture) { write_png(path, to_image(picture)); }

cv::Mat released_iuv(const cv::Mat& iuv, int person) {
  cv::Mat out = cv::Mat::zeros(iuv.size(), CV_8UC4);
  for (int y = 0; y < iuv.rows; ++y)
    for (int x = 0; x < iuv.cols; ++x) {
      const auto& p = iuv.at<cv::Vec3b>(y, x);
      if (p[0] == 0) continue;
      out.at<cv::Vec4b>(y, x) = {static_cast<uchar>(10 * p[0]), p[1], p[2], static_cast<uchar>(255 - person)};
    }
  return out;
}

cv::Mat rounded(const cv::Mat& picture) {
  cv::Mat out;
  picture.convertTo(out, CV_8UC3);
  return out;
}

cv::Mat faded(const cv::Mat& rgba, double opacity) {
  if (opacity >= 1) return rgba;
  cv::Mat out;
  cv::multiply(rgba, cv::Scalar(1, 1, 1, opacity), out);
  return out;
}

void for_frames(int count, const std::function<void(int)>& work) {
  cv::parallel_for_(
      {0, count},
      [&](const cv::Range& range) {
        for (int t = range.start; t < range.end; ++t) work(t);
      },
      count);
}

bool made_by_synth(const fs::path& folder) {
  std::ifstream in(folder / "truth/truth.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find("\"program\": \"retime synth\"") != std::string::npos;
}

fs::path without_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

}  // namespace

void write_scene_files(const SynthScene& scene, const std::filesystem::path& folder) {
  write_metadata(scene, folder / "metadata.json");
  write_truth(scene, folder / "truth/truth.json");
  write_keypoints(scene, folder / "keypoints.json");
  if (scene.moving_camera()) write_homographies(scene, folder / "homographies.txt");
}

std::string object_name(int object) { return fmt::format("{:02}", object + 1); }
std::string frame_name(int frame) { return fmt::format("{:04}.png", frame + 1); }

cv::Mat trimap_of(const cv::Mat& iuv) {
  cv::Mat part, wide;
  cv::extractChannel(iuv, part, 0);
  const int band = std::max(1, static_cast<int>(std::lround(kTrimapBand * iuv.cols)));
  cv::dilate(part > 0, wide, cv::getStructuringElement(cv::MORPH_RECT, {band, band}));
  cv::Mat out = cv::Mat::zeros(iuv.size(), CV_8U);
  out.setTo(128, wide);
  out.setTo(255, part > 0);
  return out;
}

TruthWriter::TruthWriter(const SynthScene& scene, const fs::path& folder) : scene_(scene), folder_(folder) {
  make_folders();
}

void TruthWriter::make_folders() const {
  for (const char* name : {"rgb_256", "rgb_512", "truth/background", "truth/clean", "truth/edits"})
    make_folder(folder_ / name);
  for (int i = 0; i < scene_.objects(); ++i)
    for (const char* name : {"iuv", "iuv_512", "mask", "truth/layers", "truth/body", "truth/visible", "truth/dilated",
                             "truth/coarse", "truth/solo", "truth/without"})
      make_folder(folder_ / name / object_name(i));
}

void TruthWriter::write_frames(const std::function<void(int)>& progress) {
  write_scene_files(scene_, folder_);
  save_picture(folder_ / "truth/plate.png", scene_.plate());
  std::atomic<int> done = 0;
  for_frames(scene_.frames(), [&](int t) {
    write_frame(t);
    ++done;
    if (progress && cv::getThreadNum() == 0) progress(done);
  });
}

void TruthWriter::write_frame(int frame) const {
  write_truth(frame);
  for (int i = 0; i < scene_.objects(); ++i) write_maps(i, frame);
}

void TruthWriter::write_truth(int t) const {
  const fs::path truth = folder_ / "truth";
  const cv::Mat background = scene_.background(t);
  save_picture(truth / "background" / frame_file_name(t), background);
  std::vector<cv::Mat> layers;
  for (int i = 0; i < scene_.objects(); ++i) {
    layers.push_back(scene_.layer(i, t, t));
    save_picture(truth / "layers" / object_name(i) / frame_file_name(t), layers.back());
    save_picture(truth / "body" / object_name(i) / frame_file_name(t), scene_.body(i, t));
    save_picture(truth / "solo" / object_name(i) / frame_file_name(t),
                 rounded(composited(background, {layers.back()})));
  }
  write_visible(t);
  std::vector<cv::Mat> all;
  const auto order = scene_.order(t);
  for (const int i : order) all.push_back(layers[static_cast<std::size_t>(i)]);
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto others = all;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    save_picture(truth / "without" / object_name(order[i]) / frame_file_name(t),
                 rounded(composited(background, others)));
  }
  const cv::Mat clean = composited(background, all);
  save_picture(truth / "clean" / frame_file_name(t), rounded(clean));
  const SynthOptions& options = scene_.options();
  const cv::Mat frame = recorded(clean, options.noise, static_cast<std::uint64_t>(options.seed), t);
  cv::Mat small;
  cv::resize(frame, small, {frame.cols / 2, frame.rows / 2}, 0, 0, cv::INTER_AREA);
  save_picture(folder_ / "rgb_512" / frame_name(t), frame);
  save_picture(folder_ / "rgb_256" / frame_name(t), small);
}

// What somebody who paints masks by what the frame shows would give.
void TruthWriter::write_visible(int t) const {
  const auto order = scene_.order(t);
  cv::Mat in_front;
  for (auto object = order.rbegin(); object != order.rend(); ++object) {
    const cv::Mat body = scene_.body(*object, t) > 127;
    if (in_front.empty()) in_front = cv::Mat::zeros(body.size(), CV_8U);
    const cv::Mat visible = body & ~in_front;
    const auto save = [&](const char* kind, const cv::Mat& mask) {
      save_picture(folder_ / "truth" / kind / object_name(*object) / frame_file_name(t), mask);
    };
    save("visible", visible);
    save("dilated", dilated(visible));
    save("coarse", coarse(visible));
    in_front |= body;
  }
}

void TruthWriter::write_maps(int object, int t) const {
  const std::string name = object_name(object);
  const cv::Mat iuv = scene_.iuv(object, t, scene_.options().training_size());
  save_picture(folder_ / "iuv" / name / frame_name(t), released_iuv(iuv, object + 1));
  save_picture(folder_ / "mask" / name / frame_name(t), trimap_of(iuv));
  save_picture(folder_ / "iuv_512" / name / frame_name(t),
               released_iuv(scene_.iuv(object, t, scene_.options().full_size()), object + 1));
}

void TruthWriter::write_edit(const NamedEdit& edit, int frames,
                             const std::function<std::vector<ShownObject>(int)>& shown) {
  const fs::path folder = folder_ / "truth/edits";
  make_folder(folder / edit.name);
  write_text_file(folder / (edit.name + ".json"), edit.json);
  for_frames(frames, [&](int t) {
    std::vector<ShownObject> objects = shown(t);
    std::stable_sort(objects.begin(), objects.end(), [&](const ShownObject& a, const ShownObject& b) {
      return scene_.depth(a.object, a.source) > scene_.depth(b.object, b.source);
    });
    const int light = std::min(t, scene_.frames() - 1);
    std::vector<cv::Mat> layers;
    for (const ShownObject& o : objects) layers.push_back(faded(scene_.layer(o.object, o.source, light), o.opacity));
    save_picture(folder / edit.name / frame_file_name(t), rounded(composited(scene_.background(light), layers)));
  });
}

OutputFolder::OutputFolder(const fs::path& path) : path_(without_slash(path)), temporary_(temporary_name(path_)) {
  const bool there = fs::exists(fs::symlink_status(path_));
  const bool replaceable = fs::is_directory(path_) && (fs::is_empty(path_) || made_by_synth(path_));
  if (there && !replaceable)
    throw Error(path_.string() +
                " was not made by retime synth (it has no truth/truth.json of this program): name "
                "another folder with --output");
  remove_stale_temporaries(path_);
  make_folder(temporary_);
}

OutputFolder::~OutputFolder() { remove_tree(temporary_); }

void OutputFolder::commit() {
  const fs::path old = temporary_.string() + std::string(kReplaced);
  std::error_code error;
  if (fs::exists(path_)) fs::rename(path_, old, error);
  if (!error) fs::rename(temporary_, path_, error);
  if (error) throw Error("cannot name the folder " + path_.string() + " (" + error.message() + "): check its rights");
  remove_tree(old);
}

}  // namespace retime::synth
