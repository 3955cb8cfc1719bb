#include "synth/picture_file.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"

namespace retime::synth {

void save_picture(const std::filesystem::path& path, const cv::Mat& picture) {
  cv::Mat stored;
  if (picture.channels() == 1) stored = picture;
  if (picture.channels() == 3) cv::cvtColor(picture, stored, cv::COLOR_RGB2BGR);
  if (picture.channels() == 4) cv::cvtColor(picture, stored, cv::COLOR_RGBA2BGRA);
  const bool written = cv::imwrite(path.string(), stored, {cv::IMWRITE_PNG_COMPRESSION, 2});
  if (!written) throw Error("cannot write " + path.string() + ": check the folder, its rights and its free space");
}

Image load_picture(const std::filesystem::path& path) {
  const cv::Mat stored = cv::imread(path.string(), cv::IMREAD_COLOR);
  if (stored.empty()) throw Error("cannot read " + path.string() + ": check the file");
  Image image({stored.cols, stored.rows}, 3);
  cv::cvtColor(stored, cv::Mat(stored.rows, stored.cols, CV_8UC3, image.pixels.data()), cv::COLOR_BGR2RGB);
  return image;
}

}  // namespace retime::synth
