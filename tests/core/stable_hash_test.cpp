#include "core/stable_hash.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace retime {
namespace {

// Files hold these.
TEST(StableHash, KeepsItsValues) {
  EXPECT_EQ(stable_hash(""), 6142509188972423790U);
  EXPECT_EQ(stable_hash("size = auto"), 1152299569785398376U);
  EXPECT_EQ(stable_hash("sixteen bytes ..and more"), 1425740393886894406U);
}

#if defined(__GLIBCXX__) && defined(__x86_64__)
TEST(StableHash, IsWhatFilesOfThisStandardLibraryHold) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(stable_hash(text), std::hash<std::string>{}(text)) << i << " bytes";
    text += static_cast<char>(7 * i + i / 16);
  }
}
#endif

}  // namespace
}  // namespace retime
