#include "dist/watch/job.hpp"

#include <c10/util/Exception.h>

#include <string>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "dist/mpi/mpi_session.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool is_out_of_memory(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) || text.find("out of memory") != std::string::npos ||
         text.find("not enough memory") != std::string::npos;
}

Failure failure_of_torch(const c10::Error& error) {
  const std::string reason = first_line(error.what_without_backtrace());
  if (is_out_of_memory(error))
    return {"out of memory (" + reason +
            "): use a smaller --batch-frames, --width, --tile or --cache-gib, or prepare the clip at a smaller --size"};
  return {"LibTorch failed (" + reason + "): run the same command again; if that fails too, report the sentence"};
}

void tell(const Communicator& communicator, const Failure& failure) {
  if (!communicator.is_root()) return;
  if (failure.code == kExitSaved)
    log_info(failure.sentence);
  else
    log_error(failure.sentence);
}

/// A failure of this rank, which the others would wait for forever.
int end_alone(const Communicator& communicator, Watchdog& watchdog, const Failure& failure) {
  if (communicator.size() == 1) {
    tell(communicator, failure);
    return failure.code;
  }
  const int code = failure.code == kExitSaved ? kExitFailure : failure.code;
  if (!watchdog.take_the_word()) Watchdog::wait_for_end(code);
  log_error(failure.sentence + " [rank " + std::to_string(communicator.rank()) + ", host " + communicator.host() +
            ", in the phase " + phase_of_failure() + "]");
  abort_job(code);
}

int end_together(const Communicator& communicator, const std::exception& agreed) {
  const Failure failure = failure_of(agreed);
  tell(communicator, failure);
  return failure.code;
}

}  // namespace

int run_job(const Communicator& communicator, Watchdog& watchdog, const std::function<int()>& work) {
  try {
    return work();
  } catch (const AgreedError& error) {
    return end_together(communicator, error);
  } catch (const AgreedStop& stop) {
    return end_together(communicator, stop);
  } catch (const c10::Error& error) {
    return end_alone(communicator, watchdog, failure_of_torch(error));
  } catch (const std::exception& error) {
    return end_alone(communicator, watchdog, failure_of(error));
  } catch (...) {
    return end_alone(communicator, watchdog, {"unexpected failure: an exception of an unknown type"});
  }
}

}  // namespace retime
