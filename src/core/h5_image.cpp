#include "core/h5_image.hpp"

#include <cstdlib>
#include <cstring>
#include <utility>

namespace retime::h5 {
namespace {

constexpr std::size_t kIncrement = 4 << 20;  // bytes by which the memory grows

void* allocate(std::size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); }

void* copy(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
  return std::memcpy(to, from, size);
}

void* reallocate(void* memory, std::size_t size, H5FD_file_image_op_t, void*) { return std::realloc(memory, size); }

void* share(void* self) { return self; }

herr_t keep(void*) { return 0; }

}  // namespace

FileImage::~FileImage() { std::free(data_); }

herr_t FileImage::keep_at_close(void* memory, H5FD_file_image_op_t reason, void* self) {
  if (reason == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
    memory = std::exchange(static_cast<FileImage*>(self)->data_, static_cast<std::byte*>(memory));
  std::free(memory);
  return 0;
}

herr_t FileImage::set_as_target(hid_t access) {
  H5FD_file_image_callbacks_t callbacks{allocate, copy, reallocate, keep_at_close, share, keep, this};
  if (H5Pset_fapl_core(access, kIncrement, false) < 0) return -1;
  return H5Pset_file_image_callbacks(access, &callbacks);
}

}  // namespace retime::h5
