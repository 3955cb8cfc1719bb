#include "format/checkpoint.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"

namespace retime {
namespace {

constexpr const char* kCheckpointFormat = "retime.checkpoint";
constexpr int kCheckpointVersion = 1;

void write_array(h5::Group& root, const NamedArray& array) {
  // Dots separate module names; a dataset per tensor, groups by the first part of the name only.
  const auto slash = array.name.find('/');
  const std::string group = array.name.substr(0, slash);
  if (!root.has(group)) root.create_group(group);
  if (!array.integers.empty())
    root.write<std::int64_t>(array.name, array.dims, array.integers);
  else
    root.write<float>(array.name, array.dims, array.floats);
}

NamedArray read_array(const h5::Group& root, const std::string& name) {
  const auto data = root.dataset(name);
  NamedArray array{name, data.dims(), {}, {}};
  if (data.is_floating())
    array.floats = root.read<float>(name);
  else
    array.integers = root.read<std::int64_t>(name);
  return array;
}

// One that cannot be read is not for a cleaner to judge.
bool may_be_milestone(const std::filesystem::path& path) {
  try {
    const h5::InputFile file(path, kCheckpointFormat, kCheckpointVersion);
    return file.root().has_attribute("milestone") && file.root().int_attribute("milestone") != 0;
  } catch (const Error&) {
    return true;
  }
}

std::int64_t step_of(const std::filesystem::path& file) {
  return std::strtoll(file.filename().c_str() + std::strlen("step_"), nullptr, 10);
}

std::filesystem::path free_name(const std::filesystem::path& file, const std::string& ending) {
  const std::string name = file.string() + "." + ending;
  std::string candidate = name;
  for (int i = 2; std::filesystem::exists(candidate); ++i) candidate = name + "." + std::to_string(i);
  return candidate;
}

/// Mixes bytes into a number, eight at a time (FNV-1a over words, folded after each).
class Digest {
 public:
  void add(const void* data, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, static_cast<const char*>(data) + at, std::min(sizeof word, bytes - at));
      value_ = (value_ ^ word) * 0x100000001b3ULL;
      value_ ^= value_ >> 32;
    }
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add_number(values.size());
    add(values.data(), values.size() * sizeof(T));
  }
  void add(const std::string& text) {
    add_number(text.size());
    add(text.data(), text.size());
  }
  template <class T>
  void add_number(T number) {
    add(&number, sizeof number);
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  fault_point("save.begun", path);
  h5::OutputFile file(path, kCheckpointFormat, kCheckpointVersion, h5::Staging::kMemory);
  auto& root = file.root();
  root.set_attribute("step", checkpoint.step);
  root.set_attribute("epoch", checkpoint.epoch);
  root.set_attribute("scene_fingerprint", checkpoint.scene_fingerprint);
  root.set_attribute("milestone", std::int64_t{checkpoint.milestone});
  const std::vector<std::uint8_t> config(checkpoint.config.begin(), checkpoint.config.end());
  root.write<std::uint8_t>("config", {config.size()}, config);
  {
    auto schedule = root.create_group("schedule");
    for (const auto& [name, value] : checkpoint.schedule) schedule.set_attribute(name, value);
    std::string names;
    for (const auto& [name, value] : checkpoint.schedule) names += (names.empty() ? "" : " ") + name;
    schedule.set_attribute("names", names);
  }
  for (const auto& array : checkpoint.arrays) write_array(root, array);
  file.commit();
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const h5::InputFile file(path, kCheckpointFormat, kCheckpointVersion);
  const auto& root = file.root();
  Checkpoint checkpoint;
  checkpoint.step = root.int_attribute("step");
  checkpoint.epoch = root.int_attribute("epoch");
  checkpoint.scene_fingerprint = root.string_attribute("scene_fingerprint");
  checkpoint.milestone = root.has_attribute("milestone") && root.int_attribute("milestone") != 0;
  const auto config = root.read<std::uint8_t>("config");
  checkpoint.config.assign(config.begin(), config.end());
  for (const auto& group : root.members()) {
    if (group == "config") continue;
    const auto members = root.group(group);
    if (group == "schedule") {
      std::string names = members.string_attribute("names") + " ";
      for (std::size_t at = 0, end; (end = names.find(' ', at)) != std::string::npos; at = end + 1)
        if (end > at)
          checkpoint.schedule[names.substr(at, end - at)] = members.double_attribute(names.substr(at, end - at));
      continue;
    }
    for (const auto& name : members.members()) checkpoint.arrays.push_back(read_array(root, group + "/" + name));
  }
  return checkpoint;
}

std::uint64_t digest_of(const Checkpoint& checkpoint) {
  Digest digest;
  digest.add_number(checkpoint.step);
  digest.add_number(checkpoint.epoch);
  digest.add(checkpoint.config);
  digest.add(checkpoint.scene_fingerprint);
  for (const auto& [name, value] : checkpoint.schedule) {
    digest.add(name);
    digest.add_number(value);
  }
  for (const auto& array : checkpoint.arrays) {
    digest.add(array.name);
    digest.add(array.dims);
    digest.add(array.floats);
    digest.add(array.integers);
  }
  return digest.value();
}

CheckpointFolder::CheckpointFolder(std::filesystem::path run) : folder_(std::move(run) / "checkpoints") {}

std::filesystem::path CheckpointFolder::path_of(std::int64_t step) const {
  char name[40];
  std::snprintf(name, sizeof name, "step_%09lld.h5", static_cast<long long>(step));
  return folder_ / name;
}

std::vector<std::filesystem::path> CheckpointFolder::list() const {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(folder_))
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("step_") && name.ends_with(".h5") && entry.is_regular_file()) files.push_back(entry.path());
    }
  std::sort(files.rbegin(), files.rend());
  return files;
}

bool CheckpointFolder::read_newest(Checkpoint& checkpoint, std::filesystem::path* used) const {
  for (const auto& file : list()) {
    try {
      checkpoint = read_checkpoint(file);
      if (used) *used = file;
      return true;
    } catch (const Error& error) {
      log_warn(std::string("skipping a checkpoint: ") + error.what());
    }
  }
  return false;
}

int CheckpointFolder::clear() const {
  const auto files = list();
  for (const auto& file : files) std::filesystem::remove(file);
  return static_cast<int>(files.size());
}

void CheckpointFolder::prune(int keep, std::int64_t last) const {
  fault_point("save.pruning", path_of(last));
  drop_above(last);
  int kept = 0;
  for (const auto& file : list()) {
    if (step_of(file) > last || kept++ < std::max(keep, 1) || may_be_milestone(file)) continue;
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
}

void CheckpointFolder::drop_above(std::int64_t step) const {
  try {
    if (const int count = set_aside_above(step, "dropped"))
      log_info(std::to_string(count) + " checkpoint(s) newer than " + path_of(step).string() +
               " are set aside as NAME.dropped");
  } catch (const Error& error) {
    log_warn(std::string("a newer checkpoint stays, from which --resume auto would go on: ") + error.what());
  }
}

int CheckpointFolder::set_aside_above(std::int64_t step, const std::string& ending) const {
  int count = 0;
  for (const auto& file : list()) {
    if (step_of(file) <= step) continue;
    std::error_code failed;
    std::filesystem::rename(file, free_name(file, ending), failed);
    if (failed) throw Error("cannot rename " + file.string() + " (" + failed.message() + "): check its folder");
    ++count;
  }
  return count;
}

void CheckpointFolder::remove_leftovers() const {
  std::error_code ignored;
  std::vector<std::filesystem::path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored))
    if (entry.path().filename().string().starts_with(".step_")) leftovers.push_back(entry.path());
  for (const auto& file : leftovers) std::filesystem::remove(file, ignored);
}

}  // namespace retime
