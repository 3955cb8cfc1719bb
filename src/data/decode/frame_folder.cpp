#include "data/decode/frame_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "data/decode/video_reader.hpp"
#include "media/mat.hpp"
#include "media/picture_codecs.hpp"

namespace retime {
namespace {

Image read_rgb(const std::filesystem::path& file) {
  const cv::Mat bgr = picture_codecs().read(file.string(), cv::IMREAD_COLOR);
  if (bgr.empty())
    throw Error("cannot read the frame " + file.string() + " (not a PNG or JPEG, or damaged): export it again");
  Image rgb({bgr.cols, bgr.rows}, 3);
  cv::Mat target = as_mat(rgb);
  cv::cvtColor(bgr, target, cv::COLOR_BGR2RGB);
  return rgb;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_image(const std::filesystem::path& file) {
  const std::string ending = lower(file.extension().string());
  return (ending == ".png" || ending == ".jpg" || ending == ".jpeg") && file.filename().string().front() != '.';
}

/// The run of digits at `at`, without leading zeros; moves `at` behind it.
std::string take_number(const std::string& text, std::size_t& at) {
  while (at < text.size() && text[at] == '0') ++at;
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return text.substr(begin, at - begin);
}

}  // namespace

FrameFolder::FrameFolder(const std::filesystem::path& folder, const FrameRange& range, FrameRate rate)
    : files_(image_files(folder)) {
  if (files_.empty())
    throw Error("no frames in the folder " + folder.string() + " (no .png, .jpg or .jpeg file): check the path");
  if (range.first < 0 || range.last < range.first || range.first >= count())
    throw Error(fmt::format("the frame range {}..{} does not fit {} (it has {}): give first <= last, from 0",
                            range.first, range.last, folder.string(), counted(count(), "frame")));
  next_ = range.first;
  end_ = range.last < count() ? range.last + 1 : count();
  info_.size = info_.stored_size = read_rgb(files_.front()).size;
  info_.rate = rate;
  info_.frame_count = count();
  info_.colour = "rgb";
}

Image FrameFolder::read(int index) const {
  const std::filesystem::path& file = files_.at(static_cast<std::size_t>(index));
  Image rgb = read_rgb(file);
  if (rgb.size != info_.size)
    throw Error("frame " + file.string() + " has another size (" + size_text(rgb.size) + ", the first frame has " +
                size_text(info_.size) + "): export all frames at one size");
  return rgb;
}

bool FrameFolder::next(Image& rgb) {
  if (next_ >= end_) return false;
  rgb = read(next_++);
  return true;
}

std::unique_ptr<FrameSource> open_frames(const std::filesystem::path& path, const FrameRange& range,
                                         FrameRate folder_rate) {
  if (std::filesystem::is_directory(path)) return std::make_unique<FrameFolder>(path, range, folder_rate);
  return std::make_unique<VideoReader>(path, range);
}

bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string x = take_number(a, i);
      const std::string y = take_number(b, j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  const std::size_t rest_a = a.size() - i;
  const std::size_t rest_b = b.size() - j;
  return rest_a != rest_b ? rest_a < rest_b : a < b;
}

std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_regular_file() && is_image(entry.path())) files.push_back(entry.path());
  if (error) throw Error("cannot read the folder " + folder.string() + " (" + error.message() + "): check the path");
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return natural_less(a.filename().string(), b.filename().string()); });
  for (std::size_t i = 1; i < files.size(); ++i)
    if (files[i].stem() == files[i - 1].stem())
      throw Error("two pictures for one frame in " + folder.string() + " (" + files[i - 1].filename().string() +
                  " and " + files[i].filename().string() + "): remove one of them");
  return files;
}

std::optional<long> file_number(const std::filesystem::path& file) {
  constexpr std::size_t kMostDigits = 15;
  const std::string name = file.stem().string();
  std::size_t end = name.size();
  while (end > 0 && !is_digit(name[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_digit(name[begin - 1])) --begin;
  if (begin == end || end - begin > kMostDigits) return std::nullopt;
  return std::stol(name.substr(begin, end - begin));
}

}  // namespace retime
