#pragma once

#include <filesystem>

namespace retime::synth {

/// A folder that appears whole or not at all: it is filled under a temporary name beside its own.
class OutputFolder {
 public:
  /// Throws Error if something other than an empty folder, or one that `retime synth` made, stands at `path`.
  explicit OutputFolder(const std::filesystem::path& path);
  /// Without commit() what was written is removed.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  /// Gives the folder its name; what stood there before is replaced.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

}  // namespace retime::synth
