#include "post/score/score_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace retime {
namespace {

using Json = nlohmann::ordered_json;

/// Mean and least of numbers that may be missing.
struct Summary {
  double sum = 0, least = 0;
  int count = 0;
  void add(const std::optional<double>& value) {
    if (!value) return;
    least = count == 0 ? *value : std::min(least, *value);
    sum += *value;
    ++count;
  }
  std::optional<double> mean() const { return count == 0 ? std::nullopt : std::optional(sum / count); }
  std::optional<double> worst() const { return count == 0 ? std::nullopt : std::optional(least); }
};

Summary summarize(const Score& score, VideoKind kind, std::optional<double> VideoScore::*value) {
  Summary summary;
  for (const auto& video : score.videos)
    if (video.video.kind == kind) summary.add(video.*value);
  return summary;
}

Summary summarize(const Score& score, std::optional<double> ObjectScore::*value) {
  Summary summary;
  for (const auto& object : score.objects) summary.add(object.*value);
  return summary;
}

void put(Json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = *value;
}

Json video_json(const VideoScore& video, const char* region) {
  Json json = Json::object();
  put(json, "psnr", video.psnr);
  put(json, "ssim", video.ssim);
  put(json, region, video.psnr_region);
  put(json, "flicker", video.flicker);
  return json;
}

Json group_json(const Score& score, VideoKind kind) {
  Json group = Json::object();
  for (const auto& video : score.videos)
    if (video.video.kind == kind) group[video.video.name] = video_json(video, "psnr_changed");
  return group;
}

Json reconstruction_json(const VideoScore& video) {
  Json json = video_json(video, "psnr_changed");
  json["largest_difference"] = video.largest_difference;
  json["mean_difference"] = video.mean_difference;
  json["worst_frame"] = video.worst_frame;
  return json;
}

Json mean_json(const Score& score) {
  Json mean = Json::object();
  const std::pair<const char*, VideoKind> groups[] = {
      {"solo", VideoKind::kSolo}, {"without", VideoKind::kWithout}, {"edits", VideoKind::kEdit}};
  for (const auto& [name, kind] : groups) {
    const std::string prefix = name;
    put(mean, (prefix + "_psnr").c_str(), summarize(score, kind, &VideoScore::psnr).mean());
    put(mean, (prefix + "_ssim").c_str(), summarize(score, kind, &VideoScore::ssim).mean());
    const Summary changed = summarize(score, kind, &VideoScore::psnr_region);
    put(mean, (prefix + "_psnr_changed").c_str(), changed.mean());
    put(mean, (prefix + "_psnr_changed_worst").c_str(), changed.worst());
  }
  put(mean, "solo_flicker", summarize(score, VideoKind::kSolo, &VideoScore::flicker).mean());
  put(mean, "alpha_error", summarize(score, &ObjectScore::alpha_error).mean());
  put(mean, "effects_iou", summarize(score, &ObjectScore::effects_iou).mean());
  put(mean, "leakage", summarize(score, &ObjectScore::leakage).mean());
  return mean;
}

Json objects_json(const Score& score) {
  Json objects = Json::object();
  for (const auto& object : score.objects) {
    Json& json = objects[object.name] = Json::object();
    put(json, "alpha_error", object.alpha_error);
    put(json, "effects_iou", object.effects_iou);
    put(json, "leakage", object.leakage);
  }
  return objects;
}

std::string cell(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:11.{}f}", *value, digits) : fmt::format("{:>11}", "-");
}

std::string label(const std::string& text) { return text + std::string(text.size() < 22 ? 22 - text.size() : 1, ' '); }

std::string video_row(const std::string& name, const VideoScore& video) {
  return label(name) + cell(video.psnr, 2) + cell(video.ssim, 4) + cell(video.psnr_region, 2) + cell(video.flicker, 3) +
         "\n";
}

std::string mean_row(const Score& score, VideoKind kind, const std::string& name) {
  VideoScore mean;
  mean.psnr = summarize(score, kind, &VideoScore::psnr).mean();
  if (!mean.psnr) return "";
  mean.ssim = summarize(score, kind, &VideoScore::ssim).mean();
  mean.psnr_region = summarize(score, kind, &VideoScore::psnr_region).mean();
  mean.flicker = summarize(score, kind, &VideoScore::flicker).mean();
  return video_row("mean of " + name, mean);
}

std::string videos_table(const Score& score) {
  std::string text = label("video") + "    PSNR dB       SSIM  region dB    flicker\n";
  for (const auto& video : score.videos) text += video_row(video.video.folder(), video);
  text += mean_row(score, VideoKind::kSolo, "solo") + mean_row(score, VideoKind::kWithout, "without");
  return text + mean_row(score, VideoKind::kEdit, "edits");
}

std::string object_row(const std::string& name, const ObjectScore& object) {
  return label(name) + cell(object.alpha_error, 4) + cell(object.effects_iou, 3) + cell(object.leakage, 4) + "\n";
}

std::string objects_table(const Score& score) {
  if (score.objects.empty()) return "";
  std::string text = "\n" + label("layer") + "alpha error effects IoU    leakage\n";
  for (const auto& object : score.objects) text += object_row(object.name, object);
  const ObjectScore mean{"mean", summarize(score, &ObjectScore::alpha_error).mean(),
                         summarize(score, &ObjectScore::effects_iou).mean(),
                         summarize(score, &ObjectScore::leakage).mean()};
  return text + object_row(mean.name, mean);
}

std::string identity_line(const VideoScore& video) {
  return fmt::format("\nidentity: mean difference {:.4f}, largest {} of 255 levels (frame {})\n", video.mean_difference,
                     video.largest_difference, video.worst_frame);
}

std::string title(const Score& score) {
  std::string text = score.name;
  if (score.has_truth) text += fmt::format("{}{}, seed {}", text.empty() ? "" : " on ", score.kind, score.seed);
  if (!text.empty()) text += ": ";
  return fmt::format("{}{} frames of {}\n\n", text, score.frames, size_text(score.size));
}

}  // namespace

Json score_json(const Score& score) {
  Json json = {{"format", 1}, {"name", score.name}};
  if (score.has_truth) json.update({{"kind", score.kind}, {"seed", score.seed}});
  json["size"] = {score.size.width, score.size.height};
  json["frames"] = score.frames;
  if (const auto* video = score.find(VideoKind::kReconstruction)) json["reconstruction"] = reconstruction_json(*video);
  if (const auto* video = score.find(VideoKind::kBackground)) json["background"] = video_json(*video, "psnr_covered");
  if (score.has_truth) {
    json["solo"] = group_json(score, VideoKind::kSolo);
    json["without"] = group_json(score, VideoKind::kWithout);
    json["edits"] = group_json(score, VideoKind::kEdit);
    json["objects"] = objects_json(score);
    json["mean"] = mean_json(score);
  }
  put(json, "alpha_clutter", score.clutter);
  return json;
}

std::string score_table(const Score& score) {
  std::string text = title(score) + videos_table(score) + objects_table(score);
  if (const auto* video = score.find(VideoKind::kReconstruction)) text += identity_line(*video);
  if (score.clutter) text += fmt::format("alpha clutter: {:f} of the layers' pixels\n", *score.clutter);
  return text;
}

}  // namespace retime
