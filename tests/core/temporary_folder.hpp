#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/files.hpp"

namespace retime::test {

using retime::remove_tree;

/// An empty folder among the system's temporary files. What a process of the same number has left there goes.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const auto path = std::filesystem::temp_directory_path() / ("retime_" + name + "_" + std::to_string(::getpid()));
  remove_tree(path);
  std::filesystem::create_directories(path);
  return path;
}

/// Whether the test that runs has failed; between tests, one of the suite.
inline bool has_failed() {
  const auto* all = testing::UnitTest::GetInstance();
  if (const auto* test = all->current_test_info()) return test->result()->Failed();
  if (const auto* suite = all->current_test_suite()) return suite->Failed();
  return all->Failed();
}

/// Removes a folder that tests have written. After a failure, where RETIME_KEEP_FAILED is set, it stays and is named.
inline void clear_up(const std::filesystem::path& folder) {
  if (!has_failed() || std::getenv("RETIME_KEEP_FAILED") == nullptr) return remove_tree(folder);
  std::printf("kept the folder %s\n", folder.c_str());
}

/// A fresh folder for one test, removed at its end (see clear_up).
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + "_" + test->name();
    std::replace(name.begin(), name.end(), '/', '_');
    path_ = fresh_folder(name);
  }
  ~TemporaryFolder() { clear_up(path_); }
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
