#include "media/picture.hpp"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "media/mat.hpp"
#include "media/picture_codecs.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr int kCompression = 2;  // zlib's level: frames are many, and higher ones take longer than they save

void check_picture(const Image& image, const std::string& what) {
  if (image.size.area() == 0) throw Error(what + " (the picture is empty): give one with pixels");
  if (image.channels != 1 && image.channels != 3 && image.channels != 4)
    throw Error(fmt::format("{} ({} channels): give 1, 3 or 4", what, image.channels));
}

std::vector<std::uint8_t> encode(const Image& image, const std::string& what) {
  cv::Mat stored;
  if (image.channels == 1) stored = as_mat(image);
  if (image.channels == 3) cv::cvtColor(as_mat(image), stored, cv::COLOR_RGB2BGR);
  if (image.channels == 4) cv::cvtColor(as_mat(image), stored, cv::COLOR_RGBA2BGRA);
  std::vector<std::uint8_t> bytes;
  if (!picture_codecs().encode(".png", stored, bytes, {cv::IMWRITE_PNG_COMPRESSION, kCompression}))
    throw Error(what + " (OpenCV cannot encode it): report the picture's size and format");
  return bytes;
}

void write_bytes(const fs::path& path, const std::vector<std::uint8_t>& bytes, const std::string& what) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) throw Error(what + " (" + std::strerror(errno) + "): check the folder and its rights");
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool closed = std::fclose(file) == 0;
  if (written && closed) return;
  const int error = errno;
  std::error_code ignored;
  fs::remove(path, ignored);
  throw Error(what + " (" + std::strerror(error) + "): free space or choose another folder");
}

std::vector<char> read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read " + path.string() + " (no such file, or no right to): check the folder");
  return {std::istreambuf_iterator<char>(file), {}};
}

cv::Mat decode(const std::vector<char>& bytes, const std::string& what) {
  constexpr const char* kAdvice = "make this picture again";
  try {
    const cv::Mat stored = bytes.empty() ? cv::Mat() : picture_codecs().decode(bytes, cv::IMREAD_UNCHANGED);
    if (!stored.empty()) return stored;
  } catch (const cv::Exception& error) {
    throw Error(what + " (" + error.err + "): " + kAdvice);
  }
  throw Error(what + " (it is damaged or no picture): " + kAdvice);
}

/// RGBA with its colours times alpha, in float.
cv::Mat premultiplied(const cv::Mat& rgba) {
  cv::Mat result;
  rgba.convertTo(result, CV_32F);
  result.forEach<cv::Vec4f>([](cv::Vec4f& p, const int*) {
    for (int c = 0; c < 3; ++c) p[c] *= p[3] / 255.0F;
  });
  return result;
}

/// The way back; no colour where nothing is opaque.
cv::Mat straight(cv::Mat premultiplied_rgba) {
  premultiplied_rgba.forEach<cv::Vec4f>([](cv::Vec4f& p, const int*) {
    for (int c = 0; c < 3; ++c) p[c] = p[3] > 0 ? p[c] * 255.0F / p[3] : 0.0F;
  });
  cv::Mat result;
  premultiplied_rgba.convertTo(result, CV_8U);
  return result;
}

}  // namespace

std::string frame_file_name(int frame) { return fmt::format("{:06}.png", frame); }

void write_png(const fs::path& path, const Image& image) {
  const std::string what = "cannot write the picture " + path.string();
  check_picture(image, what);
  const auto temporary = temporary_name(path);
  write_bytes(temporary, encode(image, what), what);
  std::error_code error;
  fs::rename(temporary, path, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw Error(what + " (" + error.message() + "): remove what stands there, or choose another folder");
}

Image read_picture(const fs::path& path) {
  const std::string what = "cannot read the picture " + path.string();
  const cv::Mat stored = decode(read_bytes(path), what);
  if (stored.depth() != CV_8U || stored.channels() == 2)
    throw Error(what + " (it has another depth than 8 bits): save it as 8-bit gray, RGB or RGBA");
  Image image({stored.cols, stored.rows}, stored.channels());
  cv::Mat target = as_mat(image);
  if (image.channels == 1) stored.copyTo(target);
  if (image.channels == 3) cv::cvtColor(stored, target, cv::COLOR_BGR2RGB);
  if (image.channels == 4) cv::cvtColor(stored, target, cv::COLOR_BGRA2RGBA);
  return image;
}

Image read_picture(const fs::path& path, Size size, int channels) {
  Image image = read_picture(path);
  if (image.size == size && image.channels == channels) return image;
  throw Error(
      fmt::format("{} is {} with {} channel(s), expected {} with {} (it does not belong to the other pictures): "
                  "make the folder again",
                  path.string(), size_text(image.size), image.channels, size_text(size), channels));
}

Image scale_area(const Image& image, Size size) {
  if (image.size == size) return image;
  const bool has_alpha = image.channels == 4;
  cv::Mat scaled;
  cv::resize(has_alpha ? premultiplied(as_mat(image)) : as_mat(image), scaled, {size.width, size.height}, 0, 0,
             cv::INTER_AREA);
  return to_image(has_alpha ? straight(scaled) : scaled);
}

}  // namespace retime
