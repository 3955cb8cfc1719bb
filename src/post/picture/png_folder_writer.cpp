#include "post/picture/png_folder_writer.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/error.hpp"
#include "core/files.hpp"
#include "post/picture/png.hpp"

namespace retime {
namespace {

std::string frame_name(int frame) {
  char name[24];
  std::snprintf(name, sizeof name, "%06d.png", frame);
  return name;
}

}  // namespace

PngFolderWriter::PngFolderWriter(const std::filesystem::path& folder) : folder_(folder) { make_folder(folder); }

void PngFolderWriter::add(const Image& rgb) {
  if (size_ == Size{}) size_ = rgb.size;
  if (rgb.size != size_)
    throw Error("frame " + std::to_string(count_) + " has another size (" + size_text(rgb.size) + ", the first has " +
                size_text(size_) + "): give frames of one size");
  write_png(folder_ / frame_name(count_), rgb);
  ++count_;
}

void PngFolderWriter::finish() {
  if (count_ == 0)
    throw Error("no frames for " + folder_.string() + " (the output is empty): ask for at least one frame");
  if (const int older = first_older_frame(); older >= 0)
    spdlog::warn("{} also holds older frames from {} on: remove them if they do not belong there", folder_.string(),
                 frame_name(older));
}

// -1 when there is none. Names as frame_name() gives them.
int PngFolderWriter::first_older_frame() const {
  int first = -1;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const int frame = std::atoi(entry.path().filename().c_str());
    if (frame >= count_ && entry.path().filename() == frame_name(frame) && (first < 0 || frame < first)) first = frame;
  }
  return first;
}

std::unique_ptr<FrameSink> make_frame_sink(const std::filesystem::path& path, Size size, FrameRate rate,
                                           const VideoWriterOptions& options) {
  if (!path.has_filename() || std::filesystem::is_directory(path)) return std::make_unique<PngFolderWriter>(path);
  return std::make_unique<VideoWriter>(path, size, rate, options);
}

}  // namespace retime
