#include "data/decode/frame_folder.hpp"

#include <algorithm>
#include <cstring>
#include <opencv2/imgcodecs.hpp>

#include "core/error.hpp"
#include "data/decode/natural_files.hpp"
#include "data/decode/video_reader.hpp"

namespace retime {
namespace {

constexpr int kRgb = 3;

Image read_rgb(const std::filesystem::path& file) {
  const cv::Mat bgr = cv::imread(file.string(), cv::IMREAD_COLOR);
  if (bgr.empty())
    throw Error("cannot read the frame " + file.string() + " (not a PNG or JPEG, or damaged): export it again");
  Image rgb({bgr.cols, bgr.rows}, kRgb);
  for (int y = 0; y < bgr.rows; ++y) {
    const std::uint8_t* source = bgr.ptr(y);
    std::uint8_t* target = rgb.row(y);
    for (int x = 0; x < kRgb * bgr.cols; x += kRgb) std::reverse_copy(source + x, source + x + kRgb, target + x);
  }
  return rgb;
}

}  // namespace

FrameFolder::FrameFolder(const std::filesystem::path& folder, const FrameRange& range, FrameRate rate)
    : files_(image_files(folder)) {
  if (files_.empty())
    throw Error("no frames in the folder " + folder.string() + " (no .png, .jpg or .jpeg file): check the path");
  if (range.first < 0 || range.last < range.first || range.first >= count())
    throw Error("the frame range " + std::to_string(range.first) + ".." + std::to_string(range.last) +
                " does not fit " + folder.string() + " (it has " + std::to_string(count()) +
                " frames): give first <= last, from 0");
  next_ = range.first;
  end_ = range.last < count() ? range.last + 1 : count();
  info_.size = read_rgb(files_.front()).size;
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

}  // namespace retime
