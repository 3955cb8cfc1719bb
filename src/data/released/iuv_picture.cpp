#include "data/released/iuv_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <opencv2/imgcodecs.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "media/picture_codecs.hpp"

namespace retime {
namespace {

constexpr int kPartStep = 10;  // in the red channel

cv::Mat read_picture(const std::filesystem::path& file, Size size) {
  const cv::Mat picture = picture_codecs().read(file.string(), cv::IMREAD_UNCHANGED);
  if (picture.empty())
    throw Error("cannot read the IUV map " + file.string() + " (not a picture, or damaged): export it again");
  if (picture.depth() != CV_8U || picture.channels() < 3)
    throw Error(fmt::format("IUV map {} has {} of {} bits (it needs R, G, B and person as 8-bit RGBA): {}",
                            file.string(), counted(picture.channels(), "channel"), 8 * picture.elemSize1(),
                            "export it again as part * 10, U, V"));
  if (Size{picture.cols, picture.rows} != size)
    throw Error("IUV map " + file.string() + " has another size (" + size_text({picture.cols, picture.rows}) +
                ", expected " + size_text(size) + "): export it at that size");
  return picture;
}

/// Values that occur in a channel.
std::array<bool, 256> levels_of(const cv::Mat& channel) {
  std::array<bool, 256> present{};
  for (int y = 0; y < channel.rows; ++y)
    for (int x = 0; x < channel.cols; ++x) present[channel.at<uchar>(y, x)] = true;
  return present;
}

int highest(const std::array<bool, 256>& present) {
  int value = 255;
  while (value > 0 && !present[static_cast<std::size_t>(value)]) --value;
  return value;
}

/// What a picture seems to be whose red channel is not part * 10.
std::string guess(const cv::Mat& red, const cv::Mat& blue) {
  const int most_red = highest(levels_of(red)), most_blue = highest(levels_of(blue));
  if (most_blue <= 1)
    return "its blue channel holds only 0 and 1, so it seems to be a UV map with a mask instead of body parts";
  if (most_blue <= kBodyParts)
    return fmt::format(
        "its blue channel goes to {}, so it seems to be DensePose's IUV as OpenCV writes it, with the part "
        "itself in blue and V in red",
        most_blue);
  if (most_red <= 1)
    return "its red channel holds only 0 and 1, so it seems to be a UV map with a mask instead of body parts";
  if (most_red <= kBodyParts)
    return fmt::format("its red channel goes to {}, so it seems to hold the part itself", most_red);
  return "its red channel holds other values than multiples of 10, so it may have been scaled with interpolation or "
         "saved with loss";
}

void check_convention(const std::filesystem::path& file, const cv::Mat& red, const cv::Mat& blue) {
  for (int y = 0; y < red.rows; ++y) {
    for (int x = 0; x < red.cols; ++x) {
      const int value = red.at<uchar>(y, x);
      if (value % kPartStep == 0 && value <= kPartStep * kBodyParts) continue;
      throw Error(
          fmt::format("IUV map {} does not hold part * 10 in its red channel (value {} at pixel {},{}; {}): "
                      "write R = part * 10, G = U * 255, B = V * 255, A = 255 - person",
                      file.string(), value, x, y, guess(red, blue)));
    }
  }
}

cv::Mat people_of(const std::filesystem::path& file, const cv::Mat& part, const cv::Mat& alpha) {
  cv::Mat person(part.size(), CV_8U, cv::Scalar(1));
  if (!alpha.empty()) person = 255 - alpha;
  person.setTo(0, part == 0);
  const cv::Mat nobody = (part > 0) & (person == 0);
  if (!alpha.empty() && cv::countNonZero(nobody) > 0) {
    // Alpha 255 everywhere: the picture was saved without person ids.
    if (cv::countNonZero(alpha < 255) > 0)
      throw Error("IUV map " + file.string() +
                  " has body pixels of person 0 (alpha 255; it must be 255 - person id): count people from 1");
    person.setTo(1, nobody);
  }
  return person;
}

/// U and V at a full-size position from the (up to four) pixels around it that belong to `part`.
cv::Vec3b interpolate(const cv::Mat& iuv, float x, float y, uchar part) {
  const int x0 = cvFloor(x), y0 = cvFloor(y);
  float total = 0.F, u = 0.F, v = 0.F;
  for (int dy = 0; dy < 2; ++dy) {
    for (int dx = 0; dx < 2; ++dx) {
      const int px = std::clamp(x0 + dx, 0, iuv.cols - 1), py = std::clamp(y0 + dy, 0, iuv.rows - 1);
      const cv::Vec3b& p = iuv.at<cv::Vec3b>(py, px);
      if (p[0] != part) continue;
      const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
      const float w = (dx == 1 ? fx : 1.F - fx) * (dy == 1 ? fy : 1.F - fy);
      total += w, u += w * static_cast<float>(p[1]), v += w * static_cast<float>(p[2]);
    }
  }
  return {part, cv::saturate_cast<uchar>(u / total), cv::saturate_cast<uchar>(v / total)};
}

}  // namespace

IuvPicture read_iuv(const std::filesystem::path& file, Size size) {
  std::vector<cv::Mat> bgra;
  cv::split(read_picture(file, size), bgra);
  check_convention(file, bgra[2], bgra[0]);
  IuvPicture result;
  result.part = bgra[2] / kPartStep;
  result.u = bgra[1];
  result.v = bgra[0];
  result.person = people_of(file, result.part, bgra.size() > 3 ? bgra[3] : cv::Mat());
  return result;
}

std::vector<int> people_in(const IuvPicture& picture) {
  const auto present = levels_of(picture.person);
  std::vector<int> people;
  for (int id = 1; id < 256; ++id)
    if (present[static_cast<std::size_t>(id)]) people.push_back(id);
  return people;
}

cv::Mat iuv_map(const IuvPicture& picture, const std::vector<int>& people) {
  cv::Mat parts = cv::Mat::zeros(picture.part.size(), CV_8U);
  for (std::size_t k = 0; k < people.size(); ++k) {
    const cv::Mat shifted = picture.part + static_cast<double>(kBodyParts * k);
    shifted.copyTo(parts, picture.person == people[k]);
  }
  cv::Mat map, nothing = parts == 0;
  cv::merge(std::vector<cv::Mat>{parts, picture.u, picture.v}, map);
  map.setTo(cv::Scalar::all(0), nothing);
  return map;
}

cv::Mat enlarge_iuv(const cv::Mat& iuv, Size size) {
  cv::Mat result = cv::Mat::zeros(size.height, size.width, CV_8UC3);
  const float sx = static_cast<float>(iuv.cols) / static_cast<float>(size.width);
  const float sy = static_cast<float>(iuv.rows) / static_cast<float>(size.height);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const float fx = (static_cast<float>(x) + 0.5F) * sx, fy = (static_cast<float>(y) + 0.5F) * sy;
      const uchar part = iuv.at<cv::Vec3b>(cvFloor(fy), cvFloor(fx))[0];
      if (part != 0) result.at<cv::Vec3b>(y, x) = interpolate(iuv, fx - 0.5F, fy - 0.5F, part);
    }
  }
  return result;
}

}  // namespace retime
