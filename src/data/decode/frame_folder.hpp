#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/decode/frame_source.hpp"

namespace retime {

/// A folder of PNG or JPEG frames in natural order (1, 2, 10). All must have the size of the first.
class FrameFolder final : public FrameSource {
 public:
  /// Throws Error if the folder is missing, holds no frames, or the range begins after the last one.
  explicit FrameFolder(const std::filesystem::path& folder, const FrameRange& range = {}, FrameRate rate = {});

  const ClipInfo& info() const override { return info_; }
  bool next(Image& rgb) override;

  int count() const { return static_cast<int>(files_.size()); }

  /// Frame `index` of [0, count()), RGB; the range is not applied.
  Image read(int index) const;

 private:
  std::vector<std::filesystem::path> files_;
  ClipInfo info_;
  int next_ = 0;
  int end_ = 0;
};

/// Whether `a` comes before `b` when runs of digits count as numbers: frame2 before frame10.
bool natural_less(const std::string& a, const std::string& b);

/// The PNG and JPEG files directly in a folder, in natural order, hidden ones left out. Throws Error if it cannot be
/// read, or if two files differ only in their ending.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder);

/// The last number in a file's name without ending: 12 for mask_000012.png.
std::optional<long> file_number(const std::filesystem::path& file);

}  // namespace retime
