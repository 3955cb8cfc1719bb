#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/files.hpp"

namespace retime::test {

using retime::remove_tree;

/// A fresh folder for one test, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string("retime_") + test->test_suite_name() + "_" + test->name();
    std::replace(name.begin(), name.end(), '/', '_');
    path_ = std::filesystem::temp_directory_path() / (name + "_" + std::to_string(::getpid()));
    remove_tree(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { remove_tree(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  /// Number of files and folders in it, hidden ones too.
  int entries() const {
    const std::filesystem::directory_iterator files(path_);
    return static_cast<int>(std::distance(begin(files), end(files)));
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Cuts a file to half its size, as a full disk or a killed copy does.
inline void cut_in_half(const std::filesystem::path& path) {
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
}

/// Inverts one byte in the middle of the only place where `bytes` occur in a file.
inline void damage_where(const std::filesystem::path& path, const std::string& bytes) {
  std::string content = read_bytes(path);
  const auto at = content.find(bytes);
  ASSERT_NE(at, std::string::npos) << "the file does not hold these bytes";
  auto& victim = content[at + bytes.size() / 2];
  victim = static_cast<char>(~victim);
  write_bytes(path, content);
}

/// The message of the E that `call` throws; empty if it throws none.
template <class E, class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

}  // namespace retime::test
