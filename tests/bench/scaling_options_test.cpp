#include "bench/scaling_options.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"

namespace retime {
namespace {

bool is_refused(const std::function<void(ScalingOptions&)>& change) {
  ScalingOptions options;
  change(options);
  try {
    options.validate();
  } catch (const UsageError&) {
    return true;
  }
  return false;
}

TEST(ScalingOptions, RefuseNonsense) {
  EXPECT_FALSE(is_refused([](auto&) {})) << "the defaults make sense";
  EXPECT_TRUE(is_refused([](auto& o) { o.report = o.project = true; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.launch = {1, 2.5}; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.launch = {0}; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.gpus = {-4}; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.bench.counts.timed = 0; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.bench.size.width = 8; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.frames_per_rank = 0; }));
  EXPECT_FALSE(is_refused([](auto& o) { o.launch = {1, 2, 4}; }));
}

}  // namespace
}  // namespace retime
