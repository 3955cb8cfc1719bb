#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace retime {

/// Exit codes of the program.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,  ///< bad data, no space, anything thrown on any rank
  kExitUsage = 2,    ///< wrong command line or configuration
  kExitSaved = 75,   ///< stopped on request after a checkpoint: run the same command again
};

/// A failure told in one sentence: "problem (why): what to do". Ends the program with `kExitFailure`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  virtual ExitCode exit_code() const noexcept { return kExitFailure; }
};

/// Wrong command line or configuration. Ends the program with `kExitUsage`.
class UsageError : public Error {
 public:
  using Error::Error;
  ExitCode exit_code() const noexcept override { return kExitUsage; }
};

/// A stop that was asked for (signal, time budget), after everything was saved. Ends the program with `kExitSaved`.
class Stopped : public Error {
 public:
  using Error::Error;
  ExitCode exit_code() const noexcept override { return kExitSaved; }
};

/// What the program says about an exception, and the code that it ends with.
struct Failure {
  std::string sentence;
  ExitCode code = kExitFailure;
};

/// The sentence of an Error as it is; one of its own for memory that ran out and for what nobody expected.
Failure failure_of(const std::exception& exception);

}  // namespace retime
