#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace retime::test {

/// Gives RETIME_PEOPLE_MODELS back what it was before the test.
class KeepsModelsVariable : public testing::Test {
 protected:
  KeepsModelsVariable() {
    if (const char* set = std::getenv("RETIME_PEOPLE_MODELS")) before_ = set;
  }
  ~KeepsModelsVariable() override {
    if (before_)
      ::setenv("RETIME_PEOPLE_MODELS", before_->c_str(), 1);
    else
      ::unsetenv("RETIME_PEOPLE_MODELS");
  }

 private:
  std::optional<std::string> before_;
};

}  // namespace retime::test
