#include "core/markup.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(MarkupText, WhatMarkupMeansOtherwiseIsSpelledOut) {
  EXPECT_EQ(markup_text("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
}

TEST(MarkupText, OtherLettersStayAndControlCharactersGo) {
  EXPECT_EQ(markup_text("m\xC3\xA4rz\tx\ny"), "m\xC3\xA4rz\tx\ny");
  EXPECT_EQ(markup_text(std::string("a\0b\x1B[0mc", 8)), "ab[0mc");
}

}  // namespace
}  // namespace retime
