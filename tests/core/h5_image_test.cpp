#include "core/h5_image.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <vector>

#include "core/h5.hpp"
#include "core/temporary_folder.hpp"

namespace retime::h5 {
namespace {

std::vector<double> counting(std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 0.5);
  return values;
}

/// A file with one dataset, made by HDF5's own interface, that ends in `image`.
void make_file(FileImage& image, const std::vector<double>& values) {
  const LibraryLock lock;
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  ASSERT_GE(image.set_as_target(access.get()), 0);
  Handle file(H5Fcreate("not_on_disk.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  const hsize_t count = values.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  Handle data(H5Dcreate2(file.get(), "values", H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
              H5Dclose);
  ASSERT_GE(H5Dwrite(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  data.reset();
  ASSERT_GE(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), 0);
  hsize_t size = 0;
  ASSERT_GE(H5Fget_filesize(file.get(), &size), 0);
  EXPECT_TRUE(image.bytes().empty()) << "the file is still open";
  file.reset();
  image.trim(size);
}

TEST(FileImage, ItsBytesAreTheFile) {
  const test::TemporaryFolder folder;
  const auto values = counting(1'000'000);  // beyond the step by which the memory grows
  FileImage image;
  make_file(image, values);
  const auto bytes = image.bytes();
  ASSERT_GT(bytes.size(), values.size() * sizeof(double));
  const auto path = folder / "image.h5";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));

  const LibraryLock lock;
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  ASSERT_GE(file.get(), 0);
  const Handle data(H5Dopen2(file.get(), "values", H5P_DEFAULT), H5Dclose);
  ASSERT_GE(data.get(), 0);
  std::vector<double> read(values.size());
  ASSERT_GE(H5Dread(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, read.data()), 0);
  EXPECT_EQ(read, values);
}

TEST(FileImage, WithoutAFileThereAreNoBytes) { EXPECT_TRUE(FileImage().bytes().empty()); }

}  // namespace
}  // namespace retime::h5
