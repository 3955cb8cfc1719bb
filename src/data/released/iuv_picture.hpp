#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <vector>

#include "format/image.hpp"
#include "pose/joint_picture.hpp"

namespace retime {

/// An IUV map as the released tools store it: R = part * 10, G = U * 255, B = V * 255, A = 255 - person id on the body
/// and 0 elsewhere; without alpha all of it is person 1.
struct IuvPicture {
  cv::Mat part;    ///< CV_8U, 0 = nobody, 1 to 24
  cv::Mat u, v;    ///< CV_8U
  cv::Mat person;  ///< CV_8U, 0 = nobody
};

/// Reads one. Throws Error naming the file and a value when it cannot be read, has another size than `size`, or follows
/// another convention (it then says what it seems to be).
IuvPicture read_iuv(const std::filesystem::path& file, Size size);

/// The people in the picture, ascending.
std::vector<int> people_in(const IuvPicture& picture);

/// CV_8UC3 map (part, U, V) with separate parts for each of `people`: k * 24 + 1 to k * 24 + 24 for the k-th.
cv::Mat iuv_map(const IuvPicture& picture, const std::vector<int>& people);

/// Enlarges an IUV map (CV_8UC3): parts by the nearest pixel, U and V by linear interpolation within one part only.
cv::Mat enlarge_iuv(const cv::Mat& iuv, Size size);

}  // namespace retime
