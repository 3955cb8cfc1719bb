#pragma once

#include <exception>
#include <string>

#include "core/error.hpp"

namespace retime {

/// What the program says about an exception, and the code that it ends with.
struct Failure {
  std::string sentence;
  ExitCode code = kExitFailure;
};

/// The sentence of an Error as it is; one of its own for memory that ran out and for what nobody expected.
Failure failure_of(const std::exception& exception);

}  // namespace retime
