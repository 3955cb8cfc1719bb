#pragma once

#include <cstdint>
#include <string>

namespace retime {

/// How long a phase may show no progress before the watch over ranks takes it for stuck.
enum class Patience { kOrdinary, kLong };

/// While one lives, it names what this process does: for messages of failures and for the watch over ranks. Belongs to
/// the main thread; an inner one hides the outer.
class Phase {
 public:
  /// `name` is a literal, for example "training step".
  explicit Phase(const char* name, Patience patience = Patience::kOrdinary);
  ~Phase();
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;

  /// The number that stands behind the name in messages, as in "training step 17". Counts as progress.
  void at(std::int64_t number);

 private:
  const char* outer_name_;
  std::int64_t outer_number_;
  Patience outer_patience_;
  int exceptions_;
};

/// A state of the main thread that other threads see.
struct Activity {
  std::string phase;              ///< "training step 17"
  std::uint64_t progress = 0;     ///< grows with every sign of progress
  std::uint64_t collectives = 0;  ///< operations over all ranks that this one has joined, the same sequence on each
  Patience patience = Patience::kLong;
};
Activity current_activity();

/// A sign of progress. Any thread may call it.
void note_progress() noexcept;
/// This rank joins an operation over all ranks; a sign of progress too.
void note_collective() noexcept;

/// The innermost phase that the first exception left, or the phase of now when none left any.
std::string phase_of_failure();

}  // namespace retime
