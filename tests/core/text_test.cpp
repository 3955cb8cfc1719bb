#include "core/text.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace retime {
namespace {

TEST(MarkupText, WhatMarkupMeansOtherwiseIsSpelledOut) {
  EXPECT_EQ(markup_text("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
}

TEST(MarkupText, OtherLettersStayAndControlCharactersGo) {
  EXPECT_EQ(markup_text("m\xC3\xA4rz\tx\ny"), "m\xC3\xA4rz\tx\ny");
  EXPECT_EQ(markup_text(std::string("a\0b\x1B[0mc", 8)), "ab[0mc");
}

TEST(Counted, OneIsOneAndOthersAreMany) {
  EXPECT_EQ(counted(1, "frame"), "1 frame");
  EXPECT_EQ(counted(0, "frame"), "0 frames");
  EXPECT_EQ(counted(2, "crossing"), "2 crossings");
  EXPECT_EQ(counted(1, "person", "people"), "1 person");
  EXPECT_EQ(counted(3, "person", "people"), "3 people");
}

TEST(FrameSpans, FramesThatFollowEachOtherAreOneSpan) {
  EXPECT_EQ(frame_spans({7}), "frame 7");
  EXPECT_EQ(frame_spans({7, 8}), "frames 7-8");
  EXPECT_EQ(frame_spans({12, 13, 14, 15, 40, 41, 51}), "frames 12-15, 40-41, 51");
  EXPECT_EQ(frame_spans({0, 2, 4, 6}), "frames 0, 2, 4, 6");
  EXPECT_EQ(frame_spans({0, 2, 4, 6, 8, 9}), "frames 0, 2, 4, 6, ...");
}

// Files hold these.
TEST(UtcText, IsWhatFilesHold) {
  EXPECT_EQ(utc_text(1764021931.9), "2025-11-24T22:05:31Z");
  EXPECT_EQ(utc_text(0), "");
}

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
