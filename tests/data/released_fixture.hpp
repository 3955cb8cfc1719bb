#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "format/image.hpp"

namespace retime::test {

/// A tiny folder of the released tools: two bodies of 10x16 (at training size) pass each other over a ramp. The first
/// walks to the right, the second to the left; they overlap in frames 3 to 6. Their upper half is part 1, their lower
/// half part 2; U and V run from 0 to 255 over the body's box.
class ReleasedFixture {
 public:
  static constexpr Size kTraining{96, 48}, kFull{192, 96};
  static constexpr int kFrames = 10;

  explicit ReleasedFixture(std::filesystem::path folder) : folder_(std::move(folder)) {
    for (const char* name : {"rgb_256", "rgb_512", "iuv/01", "iuv/02"})
      std::filesystem::create_directories(folder_ / name);
    for (int t = 0; t < kFrames; ++t) {
      cv::Mat small;
      cv::resize(frame(t), small, {kTraining.width, kTraining.height}, 0, 0, cv::INTER_AREA);
      save("rgb_512", t, frame(t));
      save("rgb_256", t, small);
      for (int i = 0; i < 2; ++i) save(kind("iuv", i), t, iuv(i, t, 1, i + 1));
    }
  }

  const std::filesystem::path& path() const { return folder_; }

  static std::string name(int frame) {
    char text[16];
    std::snprintf(text, sizeof text, "%04d.png", frame + 1);
    return text;
  }
  static std::string kind(const char* what, int object) {
    return std::string(what) + "/0" + std::to_string(object + 1);
  }

  /// The body's box at `scale` times the training size.
  static cv::Rect box(int object, int frame, int scale) {
    const cv::Rect box(object == 0 ? 12 + 6 * frame : 66 - 6 * frame, object == 0 ? 14 : 18, 10, 16);
    return {scale * box.x, scale * box.y, scale * box.width, scale * box.height};
  }

  /// BGRA: V, U, part * 10, 255 - person.
  static cv::Mat iuv(int object, int frame, int scale, int person) {
    cv::Mat map = cv::Mat::zeros(scale * kTraining.height, scale * kTraining.width, CV_8UC4);
    const cv::Rect body = box(object, frame, scale);
    for (int y = 0; y < body.height; ++y)
      for (int x = 0; x < body.width; ++x)
        map.at<cv::Vec4b>(body.y + y, body.x + x) = {
            static_cast<uchar>(255 * y / (body.height - 1)), static_cast<uchar>(255 * x / (body.width - 1)),
            static_cast<uchar>(2 * y < body.height ? 10 : 20), static_cast<uchar>(255 - person)};
    return map;
  }

  /// RGB at full size is BGR reversed here: files are written by OpenCV. The second body is in front.
  static cv::Mat frame(int t) {
    cv::Mat picture(kFull.height, kFull.width, CV_8UC3);
    for (int y = 0; y < picture.rows; ++y)
      for (int x = 0; x < picture.cols; ++x)
        picture.at<cv::Vec3b>(y, x) = {static_cast<uchar>(90 + y % 17), static_cast<uchar>(60 + x), 120};
    picture(box(0, t, 2)).setTo(cv::Scalar(30, 40, 220));
    picture(box(1, t, 2)).setTo(cv::Scalar(230, 60, 20));
    return picture;
  }

  void save(const std::string& sub_folder, int frame, const cv::Mat& picture) const {
    std::filesystem::create_directories(folder_ / sub_folder);
    cv::imwrite((folder_ / sub_folder / name(frame)).string(), picture);
  }
  void save_metadata(const std::string& json) const { std::ofstream(folder_ / "metadata.json") << json; }

  /// The `composite_order` of all frames: the second body in front, from `swap` on the first.
  static std::string order(int swap) {
    std::string text = "\"composite_order\": [";
    for (int t = 0; t < kFrames; ++t) text += std::string(t ? "," : "") + (t < swap ? "[1, 2]" : "[2, 1]");
    return text + "]";
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace retime::test
