#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "format/image.hpp"

namespace retime {

/// Object masks: DIR/NAME/*.png, one folder per object in natural order, or DIR/*.png for a single object.
///
/// Which mask belongs to which frame is decided for all objects at once:
/// - An object with exactly one mask per video frame: by position in natural order, whatever the names say.
/// - An object with fewer: by the last number in the file name, and frames without a mask are frames without the
/// object.
///   Numbers count from 0 (000012.png = frame 12); from 1 if the video's frame count occurs as a number and 0 does not.
///   If the lowest number of all is 1 and neither end decides, that is an Error, as it is when a name has no number.
/// - More masks than frames is an Error.
class MaskFolder {
 public:
  /// `frames` and `size` are those of the video. Throws Error telling counts, numbers or names.
  MaskFolder(const std::filesystem::path& folder, int frames, Size size);

  int objects() const { return static_cast<int>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }

  /// Whether there is a mask file for that object and frame.
  bool has(int object, int frame) const;

  /// [H, W, 1]: 255 = object (192 and more in the file), 128 = unknown (64 to 191), 0 = not the object. All 0 where
  /// there is no file. Throws Error if the file cannot be read, has another size, or holds only values from 1 to 63.
  Image read(int object, int frame) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<std::filesystem::path>> files_;  ///< [objects][frames], empty = absent
  Size size_;
};

}  // namespace retime
