#include "catalog/result_page.hpp"

#include <gmock/gmock.h>

#include "catalog/catalog_fixture.hpp"
#include "core/files.hpp"
#include "media/picture.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CatalogPage : public CatalogFixture {
 protected:
  void make_results(const std::string& name) {
    const auto folder = out_ / name;
    make_folder(folder / "run");
    write_png(folder / "overview.png", Image({1520, 400}, 3));
    test::write_bytes(
        folder / "summary.json",
        R"({"frames": 24, "size": "192x108", "objects": ["anna"], "identity_mean": 0.0125, "identity_max": 3})");
    test::write_bytes(folder / "run/metrics.jsonl",
                      "{\"epoch\": 1, \"reconstruction\": 0.5}\n{\"epoch\": 2, \"reconstruction\": 0.0625}\n{\"ep");
    for (const char* file : {"only_anna.mp4", "background.mp4", "reconstruction.mp4", "retimed.mp4", ".part.mp4"})
      test::write_bytes(folder / file, "video");
  }

  static VideoLine line_of(const Entry& entry, VideoState state, const std::string& note = "") {
    VideoLine line{&entry, {}, ""};
    line.status.state = state;
    line.status.note = note;
    line.status.seconds = 90;
    return line;
  }
};

TEST_F(CatalogPage, ShowsWhatIsDoneWhatFailedAndWhatIsLeft) {
  const auto catalog = list_of({"good", "bad", "late"});
  make_results("good");
  const auto page = write_result_page(catalog, out_,
                                      {line_of(catalog.entries[0], VideoState::kDone),
                                       line_of(catalog.entries[1], VideoState::kFailed, "cannot open it"),
                                       line_of(catalog.entries[2], VideoState::kWaiting)});
  const auto text = test::read_bytes(page);
  EXPECT_THAT(text, HasSubstr("3 videos: 1 done, 1 waiting, 1 failed"));
  for (const char* part :
       {"<dt>frames</dt><dd>24 of 192x108</dd>", "<dd>1: anna</dd>", "<dd>0.0625</dd>",
        "<dd>0.0125 of 255, at most 3</dd>", "<dt>minutes</dt><dd>1.5</dd>", "src=\"good/thumbnail.png\"",
        "href=\"good/overview.png\"", "<a href=\"good/only_anna.mp4\">anna</a>",
        "<td>bad</td><td class=\"bad\">failed</td><td>cannot open it</td>", "<td>late</td>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_LT(text.find("retimed.mp4"), text.find("reconstruction.mp4")) << "the retimed video comes first";
  EXPECT_THAT(text, Not(HasSubstr(".part.mp4")));
  EXPECT_THAT(text, Not(HasSubstr("http"))) << "nothing comes from elsewhere";
  EXPECT_EQ(read_picture(out_ / "good/thumbnail.png").size, (Size{760, 200}));
}

TEST_F(CatalogPage, ResultsThatAreNotThereLeaveGaps) {
  const auto catalog = list_of({"a"});
  make_folder(out_ / "a");
  for (const char* text : {"", "[]", "{\"frames\": \"x\", \"objects\": [1], \"size\": 3}"}) {
    test::write_bytes(out_ / "a/summary.json", text);
    test::write_bytes(out_ / "a/overview.png", "no picture");
    const auto page = write_result_page(catalog, out_, {line_of(catalog.entries[0], VideoState::kDone)});
    EXPECT_THAT(test::read_bytes(page), HasSubstr("<h3>a</h3>")) << text;
  }
}

TEST_F(CatalogPage, NamesAreOnlyText) {
  const std::string name = "<b>\"Größe\" & 50% #1?";
  const auto catalog = list_of({"x"});
  auto entry = catalog.entries[0];
  entry.name = name;
  make_results(name);
  const auto text = result_page(
      "<i>list</i>", out_, {line_of(entry, VideoState::kDone), line_of(entry, VideoState::kFailed, "a < b & \"c\"")});
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
  EXPECT_THAT(text, Not(HasSubstr("<i>list")));
  EXPECT_THAT(text, HasSubstr("<h3>&lt;b&gt;&quot;Größe&quot; &amp; 50% #1?</h3>"));
  EXPECT_THAT(text, HasSubstr("href=\"%3Cb%3E%22Gr%C3%B6%C3%9Fe%22%20%26%2050%25%20%231%3F/retimed.mp4\""));
  EXPECT_THAT(text, HasSubstr("a &lt; b &amp; &quot;c&quot;"));
}

}  // namespace
}  // namespace retime::catalog
