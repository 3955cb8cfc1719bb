// The upsampling network that several ranks train is that of one.
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "model/fit.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

class UpsampleTrainerRanks : public testing::TestWithParam<const char*> {
 protected:
  UpsampleTrainerRanks() : path_(ranks().broadcast(folder_.path().string())) {
    if (ranks().is_root()) TinyScene().write(path_ / "scene.h5");
    ranks().barrier();
    scene_.emplace(path_ / "scene.h5");
  }
  ~UpsampleTrainerRanks() override { ranks().barrier(); }

  TemporaryFolder folder_;
  const std::filesystem::path path_;
  std::optional<SceneReader> scene_;
};

TEST_P(UpsampleTrainerRanks, FollowThePathOfOne) {
  auto config = tiny_config(1);
  config.model.layer_output = "direct";
  config.upsample.width = 4;
  config.upsample.crop = 48;
  config.upsample.batch_frames = 3;  // four ranks: one has no frame, some have no object in theirs
  config.upsample.norm = GetParam();
  // One fit of the layers, so that only the network is compared.
  if (ranks().is_root()) {
    fit(*scene_, config, path_ / "ranks");
    std::filesystem::copy(path_ / "ranks", path_ / "alone", std::filesystem::copy_options::recursive);
  }
  ranks().barrier();
  config.upsample.epochs = 4;
  fit_scene(*scene_, config, path_ / "ranks", ranks(), {{}, false});
  if (ranks().is_root()) {
    fit_scene(*scene_, config, path_ / "alone", {}, {{}, false});
    const auto many = metrics_of(path_ / "ranks"), one = metrics_of(path_ / "alone");
    ASSERT_EQ(many.size(), one.size());
    for (std::size_t i = 1; i < one.size(); ++i) {
      const double expected = one[i].at("upsample_l1");
      EXPECT_NEAR(many[i].at("upsample_l1").get<double>(), expected, 1e-4 * expected) << "epoch " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Norms, UpsampleTrainerRanks, testing::Values("frozen", "instance"),
                         [](const auto& norm) { return std::string(norm.param); });

}  // namespace
}  // namespace retime::test
