#include "slurm/slurm_fixture.hpp"

#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <thread>

#include "core/log.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char* kJobs = RETIME_SOURCE_DIR "/jobs/slurm/";

// What a user edits, for this cluster.
constexpr const char* kSite = R"(
program=("${TEST_PROGRAM:-)" RETIME_PROGRAM R"(}")
launcher=${TEST_LAUNCHER:-srun}
prepare_environment() { unset SLURM_JOB_END_TIME; }  # The signal is to be what tells of the time limit.
common_resources=(--time=${TEST_TIME:-10} --cpus-per-task=1)
prepare_resources=(--nodes=1 --ntasks-per-node=1)
train_resources=(--nodes=${TEST_NODES:-2} --ntasks-per-node=2)
render_resources=(--nodes=2 --ntasks-per-node=1)
compose_resources=(--nodes=1 --ntasks-per-node=1)
catalog_resources=(--nodes=1 --ntasks-per-node=1)
scaling_resources=(--nodes=2 --ntasks-per-node=1)
warning_s=${TEST_WARNING:-30}
max_restarts=${TEST_MAX_RESTARTS:-3}
)";

class ClusterOfTests : public ::testing::Environment {
 public:
  void SetUp() override {
    cluster = std::make_unique<SlurmCluster>();
    if (!cluster->is_up()) return;
    std::ofstream(cluster->folder() / "site.sh") << kSite;
    const auto prepared = run_retime("prepare " + kRoomClip + " -o " + (cluster->folder() / "scene.h5").string() +
                                     " --size 96x54 --objects 2 --first-frame 0 --last-frame 23");
    ASSERT_EQ(prepared.exit_code, 0) << prepared.output;
  }
  void TearDown() override { cluster.reset(); }

  static inline std::unique_ptr<SlurmCluster> cluster;
};

const auto* const environment = ::testing::AddGlobalTestEnvironment(new ClusterOfTests);

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

const SlurmCluster& Slurm::cluster() { return *ClusterOfTests::cluster; }

void Slurm::SetUp() {
  if (!cluster().is_possible()) GTEST_SKIP() << "no Slurm here: " << cluster().report();
  ASSERT_TRUE(cluster().is_up()) << cluster().report();
}

void Slurm::TearDown() {
  if (!HasFailure()) return;
  for (const auto& folder : results_) std::cerr << folder.string() << ":\n" << logs(folder) << "\n";
}

fs::path Slurm::results(const std::string& name, bool with_scene) {
  const auto folder = cluster().folder() / name;
  fs::create_directories(folder);
  if (with_scene) fs::copy_file(cluster().folder() / "scene.h5", folder / "scene.h5");
  results_.push_back(folder);
  return folder;
}

std::string Slurm::site() { return (cluster().folder() / "site.sh").string(); }

ProgramResult Slurm::script(const std::string& command, const std::string& variables) {
  return cluster().run("env RETIME_SITE=" + site() + " " + variables + " " + kJobs + command);
}

std::string Slurm::submit_fit(const fs::path& results, const std::string& options, const std::string& variables) {
  const auto submitted = script("pipeline.sh " + kRoomClip + " -o " + results.string() +
                                    " --stages train -c preview --train=--width=4 --train=--batch-frames=8 "
                                    "--train=--checkpoint-epochs=1 --train=--preview-epochs=0 --train=--epochs=24 " +
                                    options,
                                variables);
  EXPECT_EQ(submitted.exit_code, 0) << submitted.output;
  return job_of("train", submitted.output);
}

std::string Slurm::job_of(const std::string& stage, const std::string& output) {
  std::smatch match;
  EXPECT_TRUE(std::regex_search(output, match, std::regex(stage + " +job ([0-9]+)"))) << output;
  return match.empty() ? "0" : match[1].str();
}

std::string Slurm::end_of(const std::string& job) {
  const auto state = cluster().control("wait " + job + " 600").output;
  return state.substr(0, state.find_last_not_of('\n') + 1);
}

std::string Slurm::value_of(const std::string& job, const std::string& key) {
  const auto text = cluster().run("scontrol --oneliner show job " + job).output;
  std::smatch match;
  std::regex_search(text, match, std::regex("(^| )" + key + "=([^ \n]*)"));
  return match.empty() ? "" : match[2].str();
}

bool Slurm::comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

bool Slurm::gets_beyond(const fs::path& results, std::int64_t step) {
  return comes_true([&] {
    const auto files = CheckpointFolder(results / "run").list();
    return !files.empty() && files.front() > CheckpointFolder(results / "run").path_of(step);
  });
}

std::string Slurm::logs(const fs::path& results) {
  std::string text;
  if (!fs::exists(results / "logs")) return text;
  for (const auto& entry : fs::directory_iterator(results / "logs"))
    text += "-- " + entry.path().filename().string() + "\n" + text_of(entry.path());
  return text;
}

Checkpoint Slurm::newest(const fs::path& results) {
  Checkpoint checkpoint;
  EXPECT_TRUE(CheckpointFolder(results / "run").read_newest(checkpoint)) << results;
  return checkpoint;
}

const Checkpoint& Slurm::undisturbed() {
  static const Checkpoint checkpoint = [] {
    const auto folder = cluster().folder() / "undisturbed";
    fs::create_directories(folder);
    fs::copy_file(cluster().folder() / "scene.h5", folder / "scene.h5");
    const auto job = submit_fit(folder);
    EXPECT_EQ(end_of(job), "COMPLETED") << logs(folder);
    EXPECT_EQ(value_of(job, "Restarts"), "0");
    return newest(folder);
  }();
  return checkpoint;
}

void Slurm::expect_equal(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.step, b.step);
  ASSERT_EQ(a.arrays.size(), b.arrays.size());
  for (std::size_t i = 0; i < a.arrays.size(); ++i) {
    EXPECT_EQ(a.arrays[i].name, b.arrays[i].name);
    EXPECT_EQ(a.arrays[i].floats, b.arrays[i].floats) << a.arrays[i].name;
  }
}

}  // namespace retime
