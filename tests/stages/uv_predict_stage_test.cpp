#include "stages/uv_predict_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/body/body_pairs.hpp"
#include "data/body/tiny_body_network.hpp"
#include "data/keypoints/walking_body.hpp"
#include "data/prepare/prepare.hpp"
#include "data/released_fixture.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

using test::message_of;
using test::ReleasedFixture;
using testing::HasSubstr;
namespace fs = std::filesystem;

class UvPredict : public testing::Test {
 protected:
  UvPredict() {
    test::TinyBodyNetwork tiny;
    tiny.paint_everywhere(9);
    options_.network = tiny.write(folder_ / "network.h5").string();
    std::string json;
    for (int t = 0; t < kCount; ++t)
      json += (t ? ", \"" : "{\"") + ReleasedFixture::name(t) + "\": [{\"idx\": 1, \"keypoints\": [" +
              test::triplets(test::body_at(60 + 6 * t, 50, 40)) + "]}]";
    keypoints_ = test::write_json(folder_ / "poses.json", json + "}");
  }
  std::string failure(const fs::path& input) const {
    return message_of<Error>([&] { uv_predict_stage(input, output_, options_); });
  }

  static constexpr int kCount = 3;
  test::TemporaryFolder folder_;
  UvPredictOptions options_;
  fs::path keypoints_, output_ = folder_ / "bodies";
};

TEST_F(UvPredict, KeypointsBecomeMapsInTheReleasedLayout) {
  options_.size = "192x96";
  uv_predict_stage(keypoints_, output_, options_);
  for (int t = 0; t < kCount; ++t) {
    const auto picture = read_picture(output_ / "iuv/01" / ReleasedFixture::name(t), {192, 96}, 4);
    const auto* pixel = picture.row(50) + 4 * (60 + 6 * t);
    EXPECT_EQ(std::vector<int>(pixel, pixel + 4), (std::vector<int>{90, 128, 128, 254}));
    EXPECT_EQ(picture.row(95)[4 * 191 + 3], 0);
  }
  EXPECT_TRUE(fs::exists(output_ / "overview.png"));
  EXPECT_EQ(BodyPairs(output_).count(), kCount) << "a training can learn from it";
  EXPECT_THAT(failure(keypoints_), HasSubstr("is there already"));
}

TEST_F(UvPredict, ScenesHaveTheirNamesAndBothSizes) {
  const ReleasedFixture fixture(folder_ / "clip");
  std::string json;
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) {
    const auto box = ReleasedFixture::box(0, t, 2);
    json += (t ? ", \"" : "{\"") + ReleasedFixture::name(t) + "\": [{\"idx\": 1, \"keypoints\": [" +
            test::triplets(test::body_at(box.x + 10, box.y + 16, 28)) + "]}]";
  }
  test::write_json(folder_ / "clip/keypoints.json", json + "}");
  PrepareOptions prepare;
  prepare.show_progress = false;
  prepare_scene(folder_ / "clip", folder_ / "scene.h5", prepare);
  uv_predict_stage(folder_ / "scene.h5", output_, options_);
  const auto box = ReleasedFixture::box(0, 4, 1);
  EXPECT_EQ(read_picture(output_ / "iuv/01/0005.png", {96, 48}, 4).row(box.y + 8)[4 * (box.x + 5)], 90);
  EXPECT_EQ(read_picture(output_ / "iuv_512/01/0005.png", {192, 96}, 4).row(2 * box.y + 16)[4 * (2 * box.x + 10)], 90);
  EXPECT_EQ(read_picture(output_ / "iuv/02/0005.png", {96, 48}, 4).row(20)[4 * 40], 0) << "no joints, no body";
  options_.size = "192x96";
  fs::remove_all(output_);
  EXPECT_THAT(failure(folder_ / "scene.h5"), HasSubstr("--size is for keypoints"));
}

TEST_F(UvPredict, MistakesAreToldAndLeaveNothing) {
  EXPECT_THAT(failure(keypoints_), HasSubstr("give --size WxH"));
  options_.size = "192x96";
  EXPECT_THAT(failure(folder_ / "none.json"), HasSubstr("none.json (no such file or folder)"));
  options_.network = (folder_ / "none.h5").string();
  EXPECT_THAT(failure(keypoints_), HasSubstr("none.h5"));
  EXPECT_FALSE(fs::exists(output_));
  EXPECT_EQ(folder_.entries(), 2);
}

}  // namespace
}  // namespace retime
