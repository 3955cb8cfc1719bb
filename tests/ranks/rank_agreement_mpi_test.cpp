#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <new>

#include "ranks.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(RankAgreement, SameTextsPass) { EXPECT_NO_THROW(require_same_on_all_ranks(ranks(), "the text", "a\nb\n")); }

TEST(RankAgreement, NamesTheFirstLineThatDiffersAndItsRank) {
  const std::string text = ranks().rank() == 1 ? "a\nwidth = 8\nc\n" : "a\nwidth = 4\nb\n";
  try {
    require_same_on_all_ranks(ranks(), "the configuration", text);
    FAIL() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("the configuration differs"), HasSubstr("rank 1 on host "),
                                    HasSubstr("'width = 8', rank 0 has 'width = 4'")));
  }
}

TEST(RankAgreement, FailureOfOneRankIsThatOfAll) {
  try {
    run_on_all_ranks(ranks(), [] {
      if (ranks().rank() == 1) throw UsageError("no such file: look");
    });
    FAIL() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_STREQ(error.what(), "no such file: look (on rank 1)");
    EXPECT_EQ(error.exit_code(), kExitUsage);
  }
}

TEST(RankAgreement, WhatRankZeroDoesForAllFailsForAll) {
  int calls = 0;
  run_on_root(ranks(), [&] { ++calls; });
  EXPECT_EQ(calls, ranks().is_root() ? 1 : 0);
  try {
    run_on_root(ranks(), [] { throw Error("no space: make some"); });
    FAIL() << "nothing was thrown";
  } catch (const AgreedError& error) {
    EXPECT_STREQ(error.what(), "no space: make some");
    EXPECT_EQ(error.exit_code(), kExitFailure);
  }
}

TEST(RankAgreement, KnowsFailuresOfTheStandardLibraryToo) {
  const auto failure = [](const std::function<void()>& work) -> std::string {
    try {
      run_on_root(ranks(), work);
    } catch (const AgreedError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(failure([] { std::filesystem::directory_iterator("/no/such/folder"); }), HasSubstr("/no/such/folder"));
  EXPECT_THAT(failure([] { throw std::bad_alloc(); }), HasSubstr("out of memory"));
}

}  // namespace
}  // namespace retime::test
