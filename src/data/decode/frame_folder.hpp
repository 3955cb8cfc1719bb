#pragma once

#include <filesystem>
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

}  // namespace retime
