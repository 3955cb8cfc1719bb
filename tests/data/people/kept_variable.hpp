#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace retime::test {

/// Gives a variable of the environment back what it was before the test.
class KeepsVariable : public testing::Test {
 protected:
  explicit KeepsVariable(const char* name) : name_(name) {
    if (const char* set = std::getenv(name)) before_ = set;
  }
  ~KeepsVariable() override {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// The one that names the networks that find people.
class KeepsModelsVariable : public KeepsVariable {
 protected:
  KeepsModelsVariable() : KeepsVariable("RETIME_PEOPLE_MODELS") {}
};

}  // namespace retime::test
