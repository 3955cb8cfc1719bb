#include "core/error.hpp"

#include <new>

namespace retime {

Failure failure_of(const std::exception& exception) {
  if (const auto* error = dynamic_cast<const Error*>(&exception)) return {error->what(), error->exit_code()};
  if (dynamic_cast<const std::bad_alloc*>(&exception))
    return {"out of memory: use a smaller --size or fewer frames", kExitFailure};
  return {std::string("unexpected failure: ") + exception.what(), kExitFailure};
}

}  // namespace retime
