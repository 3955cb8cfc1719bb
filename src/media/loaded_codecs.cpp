// The shared object libretime_pictures.so, which `picture_codecs` loads.

#include <opencv2/imgcodecs.hpp>

#include "media/picture_codecs.hpp"

namespace {

cv::Mat read(const std::string& file, int flags) { return cv::imread(file, flags); }

cv::Mat decode(const std::vector<char>& bytes, int flags) { return cv::imdecode(bytes, flags); }

bool encode(const std::string& extension, const cv::Mat& picture, std::vector<std::uint8_t>& bytes,
            const std::vector<int>& parameters) {
  return cv::imencode(extension, picture, bytes, parameters);
}

}  // namespace

extern "C" const retime::PictureCodecs retime_picture_codecs;
const retime::PictureCodecs retime_picture_codecs = {&read, &decode, &encode};
