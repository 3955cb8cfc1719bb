#include "data/body/body_network.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "data/body/body_layers.hpp"
#include "format/checkpoint.hpp"
#include "model/config/uv_config.hpp"
#include "pose/joint_picture.hpp"

namespace retime {
namespace {

// From these odds on a pixel is the body: the training counts its pixels three times, so that even odds would be too
// few. Of the values tried on drawn bodies the one with the best outlines.
constexpr float kBodyOdds = 0.8F;  // their logarithm

cv::Mat plane_of(const cv::Mat& blob, int plane) {
  return {blob.size[2], blob.size[3], CV_32F, const_cast<float*>(blob.ptr<float>(0, plane))};
}

/// Logarithm of the odds that a pixel is the body.
cv::Mat body_odds(const cv::Mat& parts) {
  cv::Mat most = plane_of(parts, 1).clone();
  for (int part = 2; part <= kBodyParts; ++part) cv::max(most, plane_of(parts, part), most);
  cv::Mat sum = cv::Mat::zeros(most.size(), CV_32F), one;
  for (int part = 1; part <= kBodyParts; ++part) {
    cv::exp(plane_of(parts, part) - most, one);
    sum += one;
  }
  cv::log(sum, sum);
  return most + sum - plane_of(parts, 0);
}

/// Takes planes of the network's picture to an area of the frame.
class Enlarger {
 public:
  Enlarger(const SquareCrop& crop, int size, const cv::Rect& area) : area_(area) {
    const double scale = size / crop.side;
    picture_from_area_ = {scale, 0,     (area.x + 0.5 - crop.left) * scale - 0.5,
                          0,     scale, (area.y + 0.5 - crop.top) * scale - 0.5};
  }
  cv::Mat operator()(const cv::Mat& plane) const {
    cv::Mat result;
    cv::warpAffine(plane, result, picture_from_area_, area_.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    return result;
  }

 private:
  cv::Rect area_;
  cv::Matx23d picture_from_area_;
};

/// CV_8U: the likeliest part of every pixel of the body, 0 elsewhere.
cv::Mat parts_of(const cv::Mat& logits, const Enlarger& enlarged) {
  cv::Mat best = enlarged(plane_of(logits, 1)), part(best.size(), CV_8U, cv::Scalar(1));
  for (int k = 2; k <= kBodyParts; ++k) {
    const cv::Mat other = enlarged(plane_of(logits, k));
    const cv::Mat is_better = other > best;
    part.setTo(k, is_better);
    other.copyTo(best, is_better);
  }
  part.setTo(0, enlarged(body_odds(logits)) < kBodyOdds);
  return part;
}

/// U (0) or V (1) of the part that each pixel has, CV_8U.
cv::Mat texture_place(const cv::Mat& uv, int coordinate, const cv::Mat& part, const Enlarger& enlarged) {
  cv::Mat result = cv::Mat::zeros(part.size(), CV_8U), level;
  for (int k = 1; k <= kBodyParts; ++k) {
    const cv::Mat here = part == k;
    if (cv::countNonZero(here) == 0) continue;
    enlarged(plane_of(uv, 2 * (k - 1) + coordinate)).convertTo(level, CV_8U, 255);
    level.copyTo(result, here);
  }
  return result;
}

}  // namespace

BoxMask silhouette_of(const BodyMap& map) {
  cv::Mat part;
  cv::extractChannel(map.iuv, part, 0);
  return {map.box, part > 0};
}

BodyNetwork::BodyNetwork(const std::filesystem::path& file) {
  const Checkpoint checkpoint = read_checkpoint(file);
  try {
    size_ = UvConfig::from_text(checkpoint.config).size;
    network_ = build_network(body_layers(checkpoint), {"parts", "uv"});
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what());
  }
}

std::vector<cv::Mat> BodyNetwork::outputs(const CocoJoints& joints_in_picture) {
  const int sizes[]{1, kJointPlanes, size_, size_};
  cv::Mat planes(4, sizes, CV_32F);
  draw_joints(joints_in_picture, size_, {planes.ptr<float>(), planes.total()});
  return network_->run(planes);
}

std::optional<BodyMap> BodyNetwork::map_of(const CocoJoints& joints, Size frame) {
  const auto crop = crop_around(joints);
  if (!crop) return std::nullopt;
  const cv::Rect2d square(crop->left, crop->top, crop->side, crop->side);
  const cv::Rect area(square & cv::Rect2d(0, 0, frame.width, frame.height));
  if (area.empty()) return std::nullopt;
  const auto told = outputs(joints_in_crop(joints, *crop, size_));
  const Enlarger enlarged(*crop, size_, area);
  const cv::Mat part = parts_of(told[0], enlarged);
  const cv::Rect box = cv::boundingRect(part);
  if (box.empty()) return std::nullopt;
  BodyMap map{box + area.tl(), {}};
  cv::merge(
      std::vector<cv::Mat>{part, texture_place(told[1], 0, part, enlarged), texture_place(told[1], 1, part, enlarged)},
      map.iuv);
  map.iuv = map.iuv(box).clone();
  return map;
}

}  // namespace retime
