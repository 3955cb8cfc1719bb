#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "core/error.hpp"
#include "format/layers.hpp"
#include "model/rank_fits.hpp"
#include "model/render/layer_renderer.hpp"

namespace retime::test {
namespace {

using RendererRanks = RankFits;

// As Slurm does before a job ends, for one rank.
class JobEndsNow {
 public:
  JobEndsNow() {
    const auto now_s =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    setenv("SLURM_JOB_END_TIME", std::to_string(now_s.count()).c_str(), 1);
  }
  ~JobEndsNow() { unsetenv("SLURM_JOB_END_TIME"); }
};

TEST_F(RendererRanks, OneThatIsAskedToStopStopsAll) {
  const auto run = path_ / "run";
  fit(*scene_, tiny_config(1), run, ranks());
  ranks().barrier();
  RenderOptions options;
  options.block_frames = 1;
  options.device = DeviceChoice::kCpu;
  options.show_progress = false;
  const auto file = path_ / "layers.h5";
  {
    std::optional<JobEndsNow> asked;
    if (ranks().rank() == ranks().size() - 1) asked.emplace();
    const auto text = message_of<Stopped>([&] { render_layers(RunFolder(run), file, options, ranks()); });
    EXPECT_NE(text.find(" with " + std::to_string(ranks().size()) + " of 12 blocks"), std::string::npos)
        << text << ": the request travels while each rank renders one block";
  }
  const auto report = render_layers(RunFolder(run), file, options, ranks());
  EXPECT_EQ(report.blocks_kept, ranks().size());
  EXPECT_EQ(report.blocks_made, TinyScene::kFrames - ranks().size());
}

}  // namespace
}  // namespace retime::test
