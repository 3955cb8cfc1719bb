#include "catalog/result_page.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "catalog/video_status.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/text.hpp"
#include "media/picture.hpp"

namespace fs = std::filesystem;

// By hand: one page from a few texts, no template engine needed.
namespace retime::catalog {
namespace {

// Style sheet of the result page.
constexpr const char* kPageStyle = R"(
:root { color-scheme: light dark; --ground: #f4f4f2; --card: #fff; --text: #1c1d1f; --soft: #63666b; --line: #dcdcd8;
  --good: #2b7a4b; --bad: #b3362c; --busy: #9a6a00; --link: #1f5fa8; }
@media (prefers-color-scheme: dark) { :root { --ground: #17181a; --card: #222427; --text: #e8e8e6; --soft: #a0a4aa;
  --line: #383b40; --good: #6cc48f; --bad: #f0857b; --busy: #e0b04c; --link: #85b8f2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 90rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .8rem; font-size: 1.1rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.soft { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); }
.bar { display: flex; height: .5rem; margin-top: 1rem; border-radius: 1rem; overflow: hidden; background: var(--line); }
.bar i { display: block; } .bar .good { background: var(--good); } .bar .bad { background: var(--bad); }
.grid { display: grid; gap: 1.2rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden;
  display: flex; flex-direction: column; }
.card img { display: block; width: 100%; height: 13rem; object-fit: cover; object-position: top left;
  background: #1c1c1e; }
.card > div { padding: .9rem 1rem 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem; margin: .6rem 0; }
dt { color: var(--soft); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.links a { margin-right: .7rem; white-space: nowrap; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { padding: .5rem .9rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top;
  white-space: nowrap; }
th { color: var(--soft); font-weight: normal; border-top: 0; }
td:nth-child(1), td:nth-child(3) { white-space: normal; overflow-wrap: anywhere; }
td:nth-child(1) { min-width: 9rem; } td:nth-child(3) { width: 100%; }
)";

constexpr int kThumbnailWidth = 760;

// "2026-11-24 22:05 UTC".
std::string readable_time(double seconds) {
  const auto text = utc_text(seconds);
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
    text += fact("frames", fmt::format("{}{}", *results.frames, results.size.empty() ? "" : " of " + results.size));
  if (!results.objects.empty())
    text += fact("objects", fmt::format("{}: {}", results.objects.size(), joined(results.objects)));
  if (results.reconstruction) text += fact("reconstruction loss", fmt::format("{:.4f}", *results.reconstruction));
  if (results.identity_mean)
    text += fact("identity error",
                 fmt::format("{:.4f} of 255{}", *results.identity_mean,
                             results.identity_max ? fmt::format(", at most {}", *results.identity_max) : ""));
  text += fact("minutes", fmt::format("{:.1f}", status.seconds / 60));
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
    text += fmt::format("<i class=\"{}\" style=\"width: {:.2f}%\"></i>", style,
                        100.0 * static_cast<double>(count) / static_cast<double>(videos.size()));
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
    result += fmt::format("%{:02X}", c);
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
