#include "catalog/result_page.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "catalog/page_style.hpp"
#include "catalog/video_results.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/markup.hpp"
#include "core/progress.hpp"
#include "post/picture/png.hpp"
#include "post/picture/read_picture.hpp"
#include "post/picture/scale_area.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

constexpr int kThumbnailWidth = 760;

std::string number(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// "2026-11-24 22:05 UTC".
std::string readable_time(double seconds) {
  const auto text = time_text(seconds);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string link(const std::string& path, const std::string& text) {
  return "<a href=\"" + link_text(path) + "\">" + markup_text(text) + "</a>";
}

std::string fact(const std::string& name, const std::string& value) {
  return value.empty() ? "" : "<dt>" + name + "</dt><dd>" + markup_text(value) + "</dd>\n";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string facts(const VideoResults& results, const VideoStatus& status) {
  std::string text = "<dl>\n";
  if (results.frames)
    text += fact("frames", std::to_string(*results.frames) + (results.size.empty() ? "" : " of " + results.size));
  if (!results.objects.empty())
    text += fact("objects", std::to_string(results.objects.size()) + ": " + joined(results.objects));
  if (results.reconstruction) text += fact("reconstruction loss", number("%.4f", *results.reconstruction));
  if (results.identity_mean)
    text +=
        fact("identity error", number("%.4f", *results.identity_mean) + " of 255" +
                                   (results.identity_max ? ", at most " + std::to_string(*results.identity_max) : ""));
  text += fact("minutes", number("%.1f", status.seconds / 60));
  if (status.attempts > 1) text += fact("attempts", std::to_string(status.attempts));
  return text + "</dl>\n";
}

// "only_anna.mp4" -> "anna".
std::string video_title(const std::string& file) {
  const std::string stem = file.substr(0, file.size() - 4);
  return stem.starts_with("only_") ? stem.substr(5) : stem;
}

std::string card(const fs::path& folder, const VideoLine& video) {
  const auto& name = video.entry->name;
  const auto results = read_results(folder / name);
  std::string text = "<article class=\"card\">\n";
  if (fs::exists(folder / name / "thumbnail.png"))
    text += "<a href=\"" + link_text(name + "/overview.png") + "\"><img src=\"" + link_text(name + "/thumbnail.png") +
            "\" alt=\"layers of " + markup_text(name) + "\" loading=\"lazy\"></a>\n";
  text += "<div>\n<h3>" + markup_text(name) + "</h3>\n" + facts(results, video.status) + "<div class=\"links\">";
  for (const auto& file : results.videos) text += link(name + "/" + file, video_title(file)) + " ";
  return text + link(name + "/log.txt", "log") + "</div>\n</div>\n</article>\n";
}

std::string row(const fs::path& folder, const VideoLine& video) {
  const auto& [entry, status, queued] = video;
  const bool failed = status.state == VideoState::kFailed;
  std::string note = status.progress ? progress_text(*status.progress) : status.note;
  if (!queued.empty()) note += (note.empty() ? "" : "; ") + queued;
  const bool has_log = fs::exists(folder / entry->name / "log.txt");
  return "<tr><td>" + markup_text(entry->name) + "</td><td class=\"" + (failed ? "bad" : "busy") + "\">" +
         state_name(status.state) + "</td><td>" + markup_text(note) + "</td><td>" +
         (has_log ? link(entry->name + "/log.txt", "log") : "") + "</td></tr>\n";
}

template <class Wanted, class Shown>
std::string section(const std::string& title, const std::string& open, const std::string& close,
                    const std::vector<VideoLine>& videos, Wanted&& wanted, Shown&& shown) {
  std::string text;
  for (const auto& video : videos)
    if (wanted(video.status.state)) text += shown(video);
  return text.empty() ? "" : "<section>\n<h2>" + title + "</h2>\n" + open + text + close + "</section>\n";
}

std::string bar(const std::vector<VideoLine>& videos) {
  std::string text = "<div class=\"bar\">";
  for (const auto& [state, style] : {std::pair(VideoState::kDone, "good"), std::pair(VideoState::kFailed, "bad")}) {
    const auto count =
        std::count_if(videos.begin(), videos.end(), [s = state](const auto& video) { return video.status.state == s; });
    text += std::string("<i class=\"") + style + "\" style=\"width: " +
            number("%.2f", 100.0 * static_cast<double>(count) / static_cast<double>(videos.size())) + "%\"></i>";
  }
  return text + "</div>\n";
}

// One that a new overview has made old is made anew.
void write_thumbnail(const fs::path& folder) {
  const auto overview = folder / "overview.png", thumbnail = folder / "thumbnail.png";
  if (!fs::exists(overview)) return;
  if (fs::exists(thumbnail) && fs::last_write_time(thumbnail) >= fs::last_write_time(overview)) return;
  const auto picture = read_picture(overview);
  if (picture.size.width <= kThumbnailWidth) return write_png(thumbnail, picture);
  const double scale = static_cast<double>(kThumbnailWidth) / picture.size.width;
  const int height = std::max(1, static_cast<int>(std::lround(picture.size.height * scale)));
  write_png(thumbnail, scale_area(picture, {kThumbnailWidth, height}));
}

}  // namespace

std::string link_text(const std::string& path) {
  std::string result;
  for (const unsigned char c : path) {
    if (c < 128 && (std::isalnum(c) || std::string("-_.~/").find(static_cast<char>(c)) != std::string::npos)) {
      result += static_cast<char>(c);
      continue;
    }
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", c);
    result += code;
  }
  return result;
}

std::string result_page(const std::string& title, const fs::path& folder, const std::vector<VideoLine>& videos) {
  const std::string name = markup_text(title);
  std::string text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + name +
                     "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>" +
                     kPageStyle + "</style>\n</head>\n<body>\n<header>\n<h1>" + name + "</h1>\n<div class=\"soft\">" +
                     status_counts(videos) + " (" + readable_time(now_s()) + ")</div>\n" + bar(videos) + "</header>\n";
  const std::string table = "<table>\n<tr><th>video</th><th>state</th><th>why</th><th></th></tr>\n";
  const auto as_row = [&](const VideoLine& video) { return row(folder, video); };
  text += section(
      "Failed", table, "</table>\n", videos, [](VideoState s) { return s == VideoState::kFailed; }, as_row);
  text += section(
      "Done", "<div class=\"grid\">\n", "</div>\n", videos, [](VideoState s) { return s == VideoState::kDone; },
      [&](const VideoLine& video) { return card(folder, video); });
  text += section(
      "Still to be done", table, "</table>\n", videos,
      [](VideoState s) { return s != VideoState::kFailed && s != VideoState::kDone; }, as_row);
  return text + "</body>\n</html>\n";
}

fs::path write_result_page(const Catalog& catalog, const fs::path& folder, const std::vector<VideoLine>& videos) {
  make_folder(folder);
  for (const auto& video : videos) {
    if (video.status.state != VideoState::kDone) continue;
    try {
      write_thumbnail(folder / video.entry->name);
    } catch (const Error& error) {
      log_warn(video.entry->name + ": no thumbnail: " + error.what());
    }
  }
  const auto page = folder / "index.html";
  write_text_file(page, result_page(catalog.file.filename().string(), folder, videos));
  return page;
}

}  // namespace retime::catalog
