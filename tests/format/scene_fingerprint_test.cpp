#include "format/scene_fingerprint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace retime {
namespace {

TEST(SceneFingerprint, TellsCorrectionsApart) {
  const std::string plain = "0a-7-91x96x54x2", once = "0a-7+11-91x96x54x2", twice = "0a-7+12-91x96x54x2";
  EXPECT_TRUE(differ_by_corrections(plain, once));
  EXPECT_TRUE(differ_by_corrections(once, twice));
  EXPECT_FALSE(differ_by_corrections(once, once));
  EXPECT_FALSE(differ_by_corrections(once, "0a-8+11-91x96x54x2"));
  EXPECT_FALSE(differ_by_corrections(once, "0a-7+12-91x96x54x3"));
}

}  // namespace
}  // namespace retime
