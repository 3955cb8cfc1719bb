#include "bench/scaling_plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retime {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(SvgWriter, AnEmptyPictureIsAWhiteDocument) {
  const auto text = SvgWriter(320, 200).str();
  EXPECT_THAT(text, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "));
  EXPECT_THAT(text, HasSubstr("viewBox=\"0 0 320 200\""));
  EXPECT_THAT(text, HasSubstr("<rect x=\"0.00\" y=\"0.00\" width=\"320.00\" height=\"200.00\" fill=\"#ffffff\"/>"));
  EXPECT_THAT(text, EndsWith("</svg>\n"));
}

TEST(SvgWriter, ShapesKeepTheirPlacesAndStyles) {
  SvgWriter svg(100, 100);
  svg.line({1, 2}, {3, 4.5}, {.color = "#ff0000", .width = 2, .dashes = "4 2"});
  svg.polyline({{0, 0}, {10, 5}}, {});
  svg.dot({7, 8}, 3, "#00ff00", true);
  svg.rectangle({1, 1}, 2, 2, "#0000ff", 0.5);
  const auto text = svg.str();
  EXPECT_THAT(text, HasSubstr("<line x1=\"1.00\" y1=\"2.00\" x2=\"3.00\" y2=\"4.50\" stroke=\"#ff0000\" "
                              "stroke-width=\"2.00\" stroke-dasharray=\"4 2\"/>"));
  EXPECT_THAT(text, HasSubstr("points=\"0.00,0.00 10.00,5.00\" fill=\"none\""));
  EXPECT_THAT(text, HasSubstr("r=\"3.00\" fill=\"#ffffff\" stroke=\"#00ff00\""));
  EXPECT_THAT(text, HasSubstr("fill=\"#0000ff\" fill-opacity=\"0.50\""));
}

TEST(SvgWriter, WordsAreEscapedAndTurned) {
  SvgWriter svg(100, 100);
  svg.text({10, 20}, "1 < 2 & \"3\"", {.anchor = SvgWriter::Anchor::kEnd, .bold = true, .turned = -90});
  const auto text = svg.str();
  EXPECT_THAT(text, HasSubstr("1 &lt; 2 &amp; "));
  EXPECT_THAT(text, Not(HasSubstr("1 < 2")));
  EXPECT_THAT(text, HasSubstr("text-anchor=\"end\""));
  EXPECT_THAT(text, HasSubstr("font-weight=\"bold\""));
  EXPECT_THAT(text, HasSubstr("transform=\"rotate(-90.0 10.00 20.00)\""));
}

}  // namespace
}  // namespace retime
