#include "post/picture/ruler.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <string>

#include "media/mat.hpp"

namespace retime {
namespace {

constexpr int kMarkPixels = 50;
constexpr int kRulerFont = cv::FONT_HERSHEY_SIMPLEX;

// Light letters with a dark rim, to be read on anything.
void write_text(cv::Mat picture, const std::string& text, cv::Point at, double scale) {
  cv::putText(picture, text, at, kRulerFont, scale, {0, 0, 0}, 3, cv::LINE_AA);
  cv::putText(picture, text, at, kRulerFont, scale, {255, 255, 255}, 1, cv::LINE_AA);
}

void draw_mark(cv::Mat picture, cv::Point from, cv::Point to) {
  cv::line(picture, from, to, {0, 0, 0}, 3);
  cv::line(picture, from, to, {255, 255, 255}, 1);
}

}  // namespace

void draw_ruler(Image& image, int frame) {
  cv::Mat picture = as_mat(image);
  const double scale = std::max(0.35, picture.rows / 1200.0);
  const int height = cv::getTextSize("0", kRulerFont, scale, 1, nullptr).height, mark = height;
  for (int at = kMarkPixels; at < std::max(picture.cols, picture.rows); at += kMarkPixels) {
    const bool has_number = at % (2 * kMarkPixels) == 0;
    const int length = has_number ? mark : mark / 2;
    if (at < picture.cols) draw_mark(picture, {at, 0}, {at, length});
    if (at < picture.rows) draw_mark(picture, {0, at}, {length, at});
    if (!has_number) continue;
    const auto text = std::to_string(at);
    const int width = cv::getTextSize(text, kRulerFont, scale, 1, nullptr).width;
    if (at < picture.cols) write_text(picture, text, {at - width / 2, mark + height + 3}, scale);
    if (at < picture.rows) write_text(picture, text, {mark + 3, at + height / 2}, scale);
  }
  const auto number = "frame " + std::to_string(frame);
  const double large = 1.6 * scale;
  const auto size = cv::getTextSize(number, kRulerFont, large, 1, nullptr);
  cv::rectangle(picture, {picture.cols - size.width - 10, 0}, {picture.cols, size.height + 12}, {0, 0, 0}, cv::FILLED);
  write_text(picture, number, {picture.cols - size.width - 5, size.height + 6}, large);
}

}  // namespace retime
