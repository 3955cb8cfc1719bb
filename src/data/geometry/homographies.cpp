#include "data/geometry/homographies.hpp"

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/error.hpp"

namespace retime {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int line, const std::string& what) {
  throw Error(path.string() + ", line " + std::to_string(line) + ": " + what +
              ": write 'size: W H', 'bounds: xmin xmax ymin ymax', then nine numbers per frame");
}

template <std::size_t N>
std::array<double, N> numbers(const std::string& text, const std::filesystem::path& path, int line) {
  std::array<double, N> values{};
  std::istringstream in(text);
  for (auto& value : values)
    if (!(in >> value) || !std::isfinite(value)) fail(path, line, "expected " + std::to_string(N) + " numbers");
  if (std::string rest; in >> rest) fail(path, line, "more than " + std::to_string(N) + " numbers");
  return values;
}

std::string after_key(const std::string& line, const std::string& key, const std::filesystem::path& path, int number) {
  if (!line.starts_with(key)) fail(path, number, "expected '" + key + "'");
  return line.substr(key.size());
}

}  // namespace

CameraPath read_homographies(const std::filesystem::path& path, Size size, int frame_count) {
  std::ifstream in(path);
  if (!in) throw Error("cannot read the homographies " + path.string() + " (no such file): check the path");
  std::string line;
  std::getline(in, line);
  const auto file_size = numbers<2>(after_key(line, "size:", path, 1), path, 1);
  if (file_size[0] <= 0 || file_size[1] <= 0) fail(path, 1, "the size is not positive");
  const double sx = size.width / file_size[0], sy = size.height / file_size[1];
  std::getline(in, line);
  const auto bounds = numbers<4>(after_key(line, "bounds:", path, 2), path, 2);
  if (bounds[0] >= bounds[1] || bounds[2] >= bounds[3]) fail(path, 2, "the bounds are empty");

  CameraPath camera;
  camera.bounds = {bounds[0] * sx, bounds[1] * sx, bounds[2] * sy, bounds[3] * sy};
  for (int number = 3; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto h = numbers<9>(line, path, number);
    if (std::abs(determinant(h)) < 1e-12) fail(path, number, "the matrix cannot be inverted");
    camera.frame_from_plane.push_back(in_scaled_pixels(h, sx, sy));
  }
  if (static_cast<int>(camera.frame_from_plane.size()) < frame_count)
    throw Error(path.string() + " holds " + std::to_string(camera.frame_from_plane.size()) + " homographies for " +
                std::to_string(frame_count) + " frames: give one per frame, or cut the clip with --last-frame");
  camera.frame_from_plane.resize(static_cast<std::size_t>(frame_count));
  return camera;
}

}  // namespace retime
