#include "stages/compute/uv_pairs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/keypoints/walking_body.hpp"
#include "data/released_fixture.hpp"
#include "stages/compute/uv_stages.hpp"

namespace retime {
namespace {

namespace fs = std::filesystem;
using test::ReleasedFixture;

class RealBodies : public testing::Test {
 protected:
  RealBodies() {
    std::string json;
    for (int t = 0; t < ReleasedFixture::kFrames; ++t) {
      const auto box = ReleasedFixture::box(0, t, 1);
      json += (t ? ", \"" : "{\"") + ReleasedFixture::name(t) + "\": [{\"idx\": 1, \"keypoints\": [" +
              test::triplets(test::body_at(box.x + 4.5, box.y + 7.5, 15)) + "]}]";
    }
    test::write_json(fixture_.path() / "keypoints.json", json + "}");
    config_.size = 32, config_.width = 4, config_.pairs = 8;
    config_.pairs_from = fixture_.path().string();
    config_.train.epochs = 1, config_.train.batch_frames = 8, config_.train.device = DeviceChoice::kCpu;
  }

  test::TemporaryFolder folder_;
  const ReleasedFixture fixture_{folder_ / "real"};
  UvConfig config_;
};

TEST_F(RealBodies, LieUnderTheirJointsInEveryPair) {
  const auto source = real_bodies(config_.pairs_from, 1, config_, {0, 0, 0, 0, 0});
  std::set<float> places;
  for (int i = 0; i < 12; ++i) {
    const UvPair pair = source(0, i);
    const Joint hip = pair.joints[kLeftHip], nose = pair.joints[kNose];
    const auto part = [&](const Joint& joint) {
      return pair.iuv.row(static_cast<int>(std::lround(joint.y)))[3 * std::lround(joint.x)];
    };
    EXPECT_GT(part(hip), 0) << i;
    EXPECT_EQ(part(nose), 1) << i;
    places.insert(hip.x);
  }
  EXPECT_GT(places.size(), 6U) << "squares differ by shift and scale";
  EXPECT_EQ(source(0, 3).iuv.pixels, source(0, 3).iuv.pixels);
}

TEST_F(RealBodies, TrainAndScoreANetwork) {
  uv_train_stage(folder_ / "uv", config_, Communicator());
  EXPECT_TRUE(fs::exists(folder_ / "uv/network.h5"));
  EXPECT_THAT(uv_score_stage(folder_ / "uv", 4, config_.pairs_from), testing::HasSubstr("4 real bodies"));
}

TEST_F(RealBodies, AFolderWithoutMapsIsRefused) {
  fs::remove_all(fixture_.path() / "iuv");
  EXPECT_THROW(uv_train_stage(folder_ / "uv", config_, Communicator()), Error);
  EXPECT_FALSE(fs::exists(folder_ / "uv/network.h5"));
}

}  // namespace
}  // namespace retime
