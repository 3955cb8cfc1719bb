#include "post/video/frame_sink.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>

#include "core/files.hpp"
#include "media/picture.hpp"

namespace retime {
PngFolderWriter::PngFolderWriter(const std::filesystem::path& folder) : folder_(folder) { make_folder(folder); }

void PngFolderWriter::add(const Image& rgb) {
  if (size_ == Size{}) size_ = rgb.size;
  if (rgb.size != size_)
    throw Error(fmt::format("frame {} has another size ({}, the first has {}): give frames of one size", count_,
                            size_text(rgb.size), size_text(size_)));
  write_png(folder_ / frame_file_name(count_), rgb);
  ++count_;
}

void PngFolderWriter::finish() {
  if (count_ == 0)
    throw Error("no frames for " + folder_.string() + " (the output is empty): ask for at least one frame");
  if (const int older = first_older_frame(); older >= 0)
    spdlog::warn("{} also holds older frames from {} on: remove them if they do not belong there", folder_.string(),
                 frame_file_name(older));
}

// -1 when there is none. Names as frame_file_name() gives them.
int PngFolderWriter::first_older_frame() const {
  int first = -1;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const int frame = std::atoi(entry.path().filename().c_str());
    if (frame >= count_ && entry.path().filename() == frame_file_name(frame) && (first < 0 || frame < first))
      first = frame;
  }
  return first;
}

}  // namespace retime
