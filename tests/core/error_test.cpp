#include "core/error.hpp"

#include <gtest/gtest.h>

#include <new>

namespace retime {
namespace {

TEST(Failure, AnErrorSpeaksForItself) {
  EXPECT_EQ(failure_of(Error("no space: make some")).sentence, "no space: make some");
  EXPECT_EQ(failure_of(Error("no space: make some")).code, kExitFailure);
  EXPECT_EQ(failure_of(UsageError("no such option")).code, kExitUsage);
  EXPECT_EQ(failure_of(Stopped("stopped")).code, kExitSaved);
}

TEST(Failure, OthersGetASentence) {
  EXPECT_TRUE(failure_of(std::bad_alloc()).sentence.starts_with("out of memory"));
  EXPECT_EQ(failure_of(std::runtime_error("odd")).sentence, "unexpected failure: odd");
  EXPECT_EQ(failure_of(std::runtime_error("odd")).code, kExitFailure);
}

}  // namespace
}  // namespace retime
