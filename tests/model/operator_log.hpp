#pragma once

#include <ATen/record_function.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace retime::test {

/// While one lives, notes in which order this process starts the operators of the given names, on all its threads.
class OperatorLog {
 public:
  explicit OperatorLog(std::set<std::string> names) {
    watched_names_ = std::move(names);
    log_.clear();
    handle_ = at::addGlobalCallback(at::RecordFunctionCallback(note).scopes({at::RecordScope::FUNCTION}));
  }
  ~OperatorLog() { at::removeCallback(handle_); }
  OperatorLog(const OperatorLog&) = delete;
  OperatorLog& operator=(const OperatorLog&) = delete;

  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  /// What lies between one `mark` and the next, where there is anything.
  std::vector<std::vector<std::string>> between(const std::string& mark) const {
    std::vector<std::vector<std::string>> parts;
    const auto all = events();
    auto from = std::find(all.begin(), all.end(), mark);
    while (from != all.end()) {
      const auto to = std::find(from + 1, all.end(), mark);
      if (to != all.end() && to != from + 1) parts.emplace_back(from + 1, to);
      from = to;
    }
    return parts;
  }

 private:
  static std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
    const std::string name = function.name();
    const std::lock_guard lock(mutex_);
    if (watched_names_.contains(name)) log_.push_back(name);
    return nullptr;
  }

  static inline std::mutex mutex_;
  static inline std::set<std::string> watched_names_;
  static inline std::vector<std::string> log_;
  at::CallbackHandle handle_;
};

/// How many `event`s come after a `begin` and before the `end` that follows it.
inline int count_within(const std::vector<std::string>& events, const std::string& begin, const std::string& event,
                        const std::string& end) {
  int count = 0;
  bool within = false;
  for (const auto& name : events) {
    if (name == begin) within = true;
    if (name == end) within = false;
    if (within && name == event) ++count;
  }
  return count;
}

/// A batch is begun. (Adam on CPUs reads its own step counts, right before.)
constexpr const char* kBatch = "aten::affine_grid_generator";
constexpr const char* kOptimizerStep = "aten::_fused_adam_";
/// What waits for the device to tell a value, whoever asks for it.
constexpr const char* kReadBack = "aten::_local_scalar_dense";

}  // namespace retime::test
