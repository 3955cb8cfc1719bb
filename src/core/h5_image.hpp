#pragma once

#include <hdf5.h>

#include <cstddef>
#include <span>

namespace retime::h5 {

/// The bytes of an HDF5 file that the library makes in memory, kept when the file is closed. (H5Fget_file_image gives
/// them too, but with a superblock whose checksum is wrong.)
class FileImage {
 public:
  FileImage() = default;
  FileImage(FileImage&&) = delete;
  ~FileImage();

  /// Makes a file that is created with these access properties grow here. Negative on failure, as the library has it.
  herr_t set_as_target(hid_t access);
  /// Notes how many of the bytes are the file; the library allocates more.
  void trim(std::size_t size) { size_ = size; }
  /// Empty until the file is closed.
  std::span<const std::byte> bytes() const { return {data_, data_ ? size_ : 0}; }

 private:
  static herr_t keep_at_close(void* memory, H5FD_file_image_op_t reason, void* self);

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace retime::h5
