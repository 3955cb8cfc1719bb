#include "post/picture/object_picture.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "format/homography.hpp"
#include "media/mat.hpp"
#include "post/picture/free_place.hpp"
#include "post/picture/skeleton.hpp"

namespace retime {
namespace {

constexpr std::uint8_t kTints[][3] = {{255, 160, 60}, {70, 170, 255}, {120, 230, 110}, {240, 100, 200}, {250, 230, 80}};
constexpr double kMapOpacity = 0.45;

using Outlines = std::vector<std::vector<cv::Point>>;

cv::Scalar scalar_of(int object) {
  const auto color = object_color(object);
  return {static_cast<double>(color[0]), static_cast<double>(color[1]), static_cast<double>(color[2])};
}

// Lines and letters grow with the picture.
int line_width(const cv::Mat& picture) { return std::max(1, picture.rows / 360); }
double font_scale(const cv::Mat& picture) { return std::max(0.4, picture.rows / 450.0); }

// The object's colour where the map has a part, shaded by U and V, mixed into the picture. Returns the map's outlines.
Outlines draw_map(cv::Mat picture, const cv::Mat& iuv, int object) {
  cv::Mat full, part;
  cv::resize(iuv, full, picture.size(), 0, 0, cv::INTER_NEAREST);
  cv::extractChannel(full, part, 0);
  const auto color = object_color(object);
  for (int y = 0; y < full.rows; ++y)
    for (int x = 0; x < full.cols; ++x) {
      const auto& value = full.at<cv::Vec3b>(y, x);
      if (value[0] == 0) continue;
      const double shade = (96 + (value[1] + value[2]) * 159 / 510) / 255.0;
      auto& pixel = picture.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c)
        pixel[c] = cv::saturate_cast<std::uint8_t>((1 - kMapOpacity) * pixel[c] +
                                                   kMapOpacity * shade * color[static_cast<std::size_t>(c)]);
    }
  Outlines outlines;
  cv::findContours(part, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  return outlines;
}

// Above the object, or inside the picture's border, and on no name of those in `taken`, to which its place is added.
void draw_name(cv::Mat picture, const Outlines& outlines, const std::string& text, const cv::Scalar& color,
               std::vector<cv::Rect>& taken) {
  std::vector<cv::Point> all;
  for (const auto& outline : outlines) all.insert(all.end(), outline.begin(), outline.end());
  const cv::Rect box = cv::boundingRect(all);
  int below = 0;
  const int width = line_width(picture);
  const auto size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, font_scale(picture), width, &below);
  const int edge = width + 1;
  const int x =
      std::clamp(box.x + (box.width - size.width) / 2, edge, std::max(edge, picture.cols - size.width - edge));
  const int y =
      std::clamp(box.y - below - size.height, edge, std::max(edge, picture.rows - below - size.height - edge));
  const cv::Rect wanted(x - width, y - width, size.width + 2 * width, size.height + below + 2 * width);
  taken.push_back(free_place(wanted, taken, picture.size()));
  const cv::Point start(x, taken.back().y + width + size.height);
  cv::putText(picture, text, start, cv::FONT_HERSHEY_SIMPLEX, font_scale(picture), {0, 0, 0}, 3 * width, cv::LINE_AA);
  cv::putText(picture, text, start, cv::FONT_HERSHEY_SIMPLEX, font_scale(picture), color, width, cv::LINE_AA);
}

// The plane that all frames see, small in the lower left corner: the way of the frames' centres, and this frame.
void draw_camera(cv::Mat picture, const CameraPath& camera, Size training, int frame) {
  const auto& [left, right, top, bottom] = camera.bounds;
  const double scale = std::min(0.25 * picture.cols / (right - left), 0.25 * picture.rows / (bottom - top));
  const double margin = 4.0 * line_width(picture), floor = picture.rows - margin - scale * (bottom - top);
  const auto place = [&](int t, double x, double y) {
    const auto at = project(inverse(camera.frame_from_plane[static_cast<std::size_t>(t)]), {x, y});
    return cv::Point(cvRound(margin + scale * (at.x - left)), cvRound(floor + scale * (at.y - top)));
  };
  const double w = training.width - 0.5, h = training.height - 0.5;
  const cv::Rect plane(cvRound(margin), cvRound(floor), cvRound(scale * (right - left)),
                       cvRound(scale * (bottom - top)));
  cv::Mat inside = picture(plane & cv::Rect({}, picture.size()));
  inside.convertTo(inside, -1, 0.4);
  std::vector<cv::Point> way;
  for (int t = 0; t < static_cast<int>(camera.frame_from_plane.size()); ++t) way.push_back(place(t, w / 2, h / 2));
  cv::polylines(picture, way, false, {150, 154, 162}, line_width(picture), cv::LINE_AA);
  const std::vector<cv::Point> corners{place(frame, -0.5, -0.5), place(frame, w, -0.5), place(frame, w, h),
                                       place(frame, -0.5, h)};
  cv::polylines(picture, corners, true, {255, 255, 255}, line_width(picture), cv::LINE_AA);
}

}  // namespace

std::array<std::uint8_t, 3> object_color(int object) {
  const auto& tint = kTints[static_cast<std::size_t>(object) % std::size(kTints)];
  return {tint[0], tint[1], tint[2]};
}

ObjectPictures::ObjectPictures(const SceneReader& scene) : scene_(scene) {
  if (scene.info().has_camera) camera_ = scene.read_camera();
  for (int i = 0; i < scene.info().object_count() && scene.info().has_keypoints; ++i)
    joints_.push_back(joints_from_values(scene.read_keypoints(i)));
}

Image ObjectPictures::frame(int frame) const {
  const auto& info = scene_.info();
  Image result = scene_.read_full(frame);
  cv::Mat picture = as_mat(result);
  const auto& order = scene_.order()[static_cast<std::size_t>(frame)];
  std::vector<std::pair<int, Outlines>> shown;  // back to front
  Image iuv(info.size, 3);
  for (const int object : order) {
    scene_.read_iuv(object, frame, 1, iuv.pixels);
    auto outlines = draw_map(picture, as_mat(iuv), object);
    if (!outlines.empty()) shown.emplace_back(object, std::move(outlines));
  }
  for (const auto& [object, outlines] : shown) {
    cv::drawContours(picture, outlines, -1, scalar_of(object), line_width(picture));
    if (!joints_.empty())
      draw_skeleton(result, joints_[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)],
                    object_color(object));
  }
  std::vector<cv::Rect> names;
  for (std::size_t i = shown.size(); i-- > 0;) {  // who is in front is named where he is
    const auto& [object, outlines] = shown[i];
    const auto depth = shown.size() > 1 ? " " + std::to_string(shown.size() - i) : "";
    draw_name(picture, outlines, info.objects[static_cast<std::size_t>(object)] + depth, scalar_of(object), names);
  }
  if (!camera_.frame_from_plane.empty()) draw_camera(picture, camera_, info.size, frame);
  return result;
}

}  // namespace retime
