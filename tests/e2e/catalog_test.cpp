// A catalog of fourteen small clips, real and drawn, one damaged and one without its masks: killed, stopped, gone on
// with, repeated, mended.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/process.hpp"
#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "format/checkpoint.hpp"
#include "media/picture.hpp"
#include "post/video/video_writer.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRoomPieces = 7, kDrawnClips = 5;
const std::string kSmall = "1,4,ultrafast,0";  // under "epochs,width,preset,preview-epochs"

// A square that moves over a textured ground.
void draw_clip(const fs::path& path, int variant) {
  const Size size{128, 72};
  VideoWriter writer(path, size, {10, 1});
  for (int t = 0; t < 16; ++t) {
    Image rgb(size, 3);
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        const bool square = std::abs(x - 18 - (3 + variant % 3) * t) < 10 && std::abs(y - 36) < 16 + variant;
        for (int c = 0; c < 3; ++c)
          rgb.row(y)[3 * x + c] = static_cast<std::uint8_t>(square ? 230 - 60 * c : 90 + (x * 7 + y * 13) % 23);
      }
    writer.add(rgb);
  }
  writer.finish();
}

// The steps build on each other: each test goes on where the one before it has stopped, as a user does.
class CatalogJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = test::fresh_folder("catalog");
    fs::create_directories(folder_ / "clips");
    for (int i = 0; i < kDrawnClips; ++i) draw_clip(folder_ / "clips" / ("drawn_" + std::to_string(i) + ".mp4"), i);
    fs::copy(folder_ / "clips/drawn_0.mp4", folder_ / "clips/whole.mp4");
    fs::copy(folder_ / "clips/whole.mp4", folder_ / "clips/damaged.mp4");
    test::cut_in_half(folder_ / "clips/damaged.mp4");
    test::write_bytes(folder_ / "list.csv", list_text());
  }
  static void TearDownTestSuite() { test::clear_up(folder_); }

  static std::string list_text() {
    const std::string rest = "," + kSmall + "\r\n";
    std::string text =
        "\xEF\xBB\xBF"
        "clip,name,masks,objects,first-frame,last-frame,size,epochs,width,preset,preview-epochs\r\n";
    text += "clips/damaged.mp4,,,1,,,64x36" + rest + "clips/whole.mp4,maskless,no_masks,,,,64x36" + rest;
    for (int i = 0; i < kRoomPieces; ++i)
      text += kRoomClip + ",\"room, piece " + std::to_string(i) + "\",,1," + std::to_string(4 + i) + "," +
              std::to_string(19 + i) + ",96x54" + rest;
    for (int i = 0; i < kDrawnClips; ++i) text += "clips/drawn_" + std::to_string(i) + ".mp4,,,1,,,64x36" + rest;
    return text;
  }

  static std::string verb(const std::string& name, const std::string& options = "") {
    return "catalog " + name + " " + (folder_ / "list.csv").string() + " -o " + out().string() + " " + options;
  }
  static fs::path out() { return folder_ / "out"; }

  static json status() { return json::parse(run_retime(verb("status", "--json")).output); }
  static int count(const json& videos, const std::string& state) {
    return static_cast<int>(
        std::count_if(videos.begin(), videos.end(), [&](const auto& video) { return video["state"] == state; }));
  }
  static json video(const std::string& name) {
    for (const auto& one : status())
      if (one["name"] == name) return one;
    return {};
  }
  // What a run must not touch: attempts and results of the videos that are done.
  static std::map<std::string, std::string> finished() {
    std::map<std::string, std::string> result;
    for (const auto& one : status())
      if (one["state"] == "done")
        result[one["name"]] =
            one["ended"].get<std::string>() + " " +
            std::to_string(fs::last_write_time(out() / one["name"].get<std::string>() / "overview.png")
                               .time_since_epoch()
                               .count());
    return result;
  }

  static std::unique_ptr<ChildProcess> start_run() {
    return std::make_unique<ChildProcess>(ChildCommand{
        {RETIME_PROGRAM, "catalog", "run", (folder_ / "list.csv").string(), "-o", out().string(), "--jobs", "2"},
        {},
        folder_ / "run.txt"});
  }
  template <class Condition>
  static bool comes_true(Condition&& condition) {
    for (int i = 0; i < 5 * 240; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }
  static int end_of(ChildProcess& child) {
    comes_true([&] { return child.poll().has_value(); });
    return child.poll().value_or(-1);
  }
  // Files say it faster than a new process does.
  static int count_noted(const std::string& state) {
    int noted = 0;
    if (fs::exists(out()))
      for (const auto& one : fs::directory_iterator(out()))
        noted += test::read_bytes(one.path() / "status.json").find("\"" + state + "\"") != std::string::npos;
    return noted;
  }

  static inline fs::path folder_;
};

TEST_F(CatalogJob, Step1NothingIsThereYet) {
  const auto table = run_retime(verb("status"));
  EXPECT_EQ(table.exit_code, 3) << table.output;
  EXPECT_THAT(table.output, HasSubstr("14 videos: 14 waiting"));
  EXPECT_FALSE(fs::exists(out())) << "looking makes nothing";
}

TEST_F(CatalogJob, Step2MistakesAreToldBeforeAnythingStarts) {
  test::write_bytes(folder_ / "bad.csv", "clip,epochs\nclips/whole.mp4,3\nclips/damaged.mp4,many\n");
  const std::string bad = (folder_ / "bad.csv").string() + " -o " + (folder_ / "bad").string();
  const auto value = run_retime("catalog run " + bad);
  EXPECT_EQ(value.exit_code, 2);
  EXPECT_THAT(value.output, HasSubstr("bad.csv line 3: epochs = 'many' is not a whole number"));
  EXPECT_FALSE(fs::exists(folder_ / "bad"));
  const auto entry = run_retime(verb("run", "--entry 14"));
  EXPECT_EQ(entry.exit_code, 2);
  EXPECT_THAT(entry.output, HasSubstr("no entry 14 (the list has 0 to 13)"));
  EXPECT_EQ(run_retime(verb("rum")).exit_code, 2);
  EXPECT_EQ(run_retime(verb("run", "-c preview")).exit_code, 2);
}

TEST_F(CatalogJob, Step3AKilledCatalogIsShownAsInterrupted) {
  auto run = start_run();
  ASSERT_TRUE(comes_true([&] { return count_noted("done") >= 2 && count_noted("running") >= 1; }))
      << test::read_bytes(folder_ / "run.txt");
  run->send(SIGKILL);
  end_of(*run);
  // Its programs save and end by themselves.
  ASSERT_TRUE(comes_true([] { return count(status(), "running") == 0; })) << status();
  const auto videos = status();
  EXPECT_GE(count(videos, "done"), 2) << videos;
  EXPECT_GE(count(videos, "interrupted") + count(videos, "waiting"), 1) << videos;
  EXPECT_EQ(run_retime(verb("status")).exit_code, 3);
}

TEST_F(CatalogJob, Step4AStopIsPassedOnAndEndsWith75) {
  const auto before = finished();
  const int done = count_noted("done");
  auto run = start_run();
  ASSERT_TRUE(comes_true([&] { return count_noted("done") > done; })) << test::read_bytes(folder_ / "run.txt");
  run->send(SIGUSR2);
  const int code = end_of(*run);
  ASSERT_TRUE(WIFEXITED(code)) << code;
  EXPECT_EQ(WEXITSTATUS(code), 75) << test::read_bytes(folder_ / "run.txt");
  const auto videos = status();
  EXPECT_EQ(count(videos, "running"), 0) << videos;
  EXPECT_GE(count(videos, "interrupted") + count(videos, "waiting"), 1) << videos;
  for (const auto& [name, made] : before) EXPECT_EQ(finished()[name], made) << name << " was done before";
}

TEST_F(CatalogJob, Step5OneCatalogGoesOnWithAll) {
  const auto before = finished();
  const auto run = run_retime(verb("run", "--jobs 2"));
  EXPECT_EQ(run.exit_code, 1) << run.output;
  const auto videos = status();
  EXPECT_EQ(count(videos, "done"), kRoomPieces + kDrawnClips) << run.output;
  EXPECT_EQ(count(videos, "failed"), 2) << run.output;
  for (const auto& [name, made] : before) EXPECT_EQ(finished()[name], made) << name << " was done before";
  EXPECT_THAT(video("damaged")["note"].get<std::string>(), HasSubstr("damaged.mp4"));
  EXPECT_THAT(video("maskless")["note"].get<std::string>(), HasSubstr("list.csv line 3: cannot open"));
  const auto table = run_retime(verb("status"));
  EXPECT_EQ(table.exit_code, 1) << "nothing is left to do, some failed";
  EXPECT_THAT(table.output, HasSubstr("14 videos: 12 done, 2 failed"));
  EXPECT_THAT(table.output, HasSubstr("room, piece 3  done"));
  EXPECT_EQ(run_retime(verb("status", "--entry 2")).exit_code, 0) << "what a task of Slurm asks for";
  const auto ranks = run_ranks(2, verb("status"));
  EXPECT_EQ(ranks.exit_code, 2) << ranks.output;
  EXPECT_THAT(ranks.output, HasSubstr("one process"));
}

TEST_F(CatalogJob, Step6AnotherRunDoesNothing) {
  const auto before = status();
  const auto again = run_retime(verb("run"));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(status(), before);
  EXPECT_THAT(again.output, Not(HasSubstr("starts")));
  EXPECT_EQ(run_retime(verb("run", "--entry 2")).exit_code, 0) << "a video that is done";
}

TEST_F(CatalogJob, Step7ThePageShowsAll) {
  const auto page = test::read_bytes(out() / "index.html");
  EXPECT_THAT(page, HasSubstr("14 videos: 12 done, 2 failed"));
  EXPECT_THAT(page, HasSubstr("<h3>room, piece 0</h3>"));
  EXPECT_THAT(page, HasSubstr("href=\"room%2C%20piece%200/reconstruction.mp4\""));
  EXPECT_THAT(page, HasSubstr("list.csv line 3: cannot open"));
  EXPECT_THAT(page, HasSubstr("<dt>frames</dt><dd>16 of "));
  EXPECT_THAT(page, HasSubstr("<dt>reconstruction loss</dt>"));
  EXPECT_THAT(page, HasSubstr("<dt>identity error</dt>"));
  EXPECT_GT(read_picture(out() / "drawn_4/thumbnail.png").size.width, 300);
  const auto summary = json::parse(test::read_bytes(out() / "drawn_4/summary.json"));
  EXPECT_EQ(summary["objects"].size(), 1U);
  EXPECT_LE(summary["identity_max"], 1) << "unmoved layers give the clip back";
}

TEST_F(CatalogJob, Step8SubmitSendsWhatIsNotDone) {
  fs::create_directories(folder_ / "bin");
  test::write_bytes(folder_ / "bin/sbatch", "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + (folder_ / "args").string() +
                                                "\necho \"$RETIME_CATALOG $RETIME_CATALOG_OUT\" >> " +
                                                (folder_ / "args").string() + "\necho 77\n");
  test::write_bytes(folder_ / "bin/squeue", "#!/bin/sh\necho 77_1 PENDING\n");
  test::write_bytes(folder_ / "task.sh", "");
  for (const char* name : {"sbatch", "squeue"}) fs::permissions(folder_ / "bin" / name, fs::perms::owner_all);
  const std::string path = "PATH=" + (folder_ / "bin").string() + ":$PATH";
  const std::string script = "--script " + (folder_ / "task.sh").string();
  const auto submit = run_retime(verb("submit", "--max-running 3 " + script + " -- --time=5 2>/dev/null"), path);
  EXPECT_EQ(submit.exit_code, 0);
  EXPECT_EQ(submit.output, "77\n");
  EXPECT_EQ(test::read_bytes(folder_ / "args"), "--parsable\n--export=ALL\n--array=0-1%3\n--time=5\n" +
                                                    (folder_ / "task.sh").string() + "\n" +
                                                    (folder_ / "list.csv").string() + " " + out().string() + "\n");
  EXPECT_THAT(run_retime(verb("status"), path).output, HasSubstr("job 77_1 PENDING"));
  run_retime(verb("submit", "--max-running 3 " + script), path);
  EXPECT_THAT(test::read_bytes(folder_ / "args"), HasSubstr("--array=0%3")) << "what is queued is not sent again";
}

TEST_F(CatalogJob, Step9RetryTakesTheMendedClip) {
  fs::remove(folder_ / "clips/damaged.mp4");
  fs::copy(folder_ / "clips/whole.mp4", folder_ / "clips/damaged.mp4");
  EXPECT_EQ(video("damaged")["state"], "waiting") << "it has changed";
  const auto retry = run_retime(verb("retry"));
  EXPECT_EQ(retry.exit_code, 1) << "the masks are still missing: " << retry.output;
  EXPECT_EQ(video("damaged")["state"], "done") << retry.output;
  EXPECT_EQ(video("damaged")["attempts"], 2);
  EXPECT_EQ(video("maskless")["attempts"], 2);
  EXPECT_THAT(run_retime(verb("status")).output, HasSubstr("14 videos: 13 done, 1 failed"));
  EXPECT_EQ(run_retime(verb("retry", "--only drawn_0,damaged")).exit_code, 0);
  EXPECT_EQ(video("drawn_0")["attempts"], 1) << "what is done stays as it is";
  EXPECT_EQ(run_retime(verb("retry", "--only drawm_0")).exit_code, 2);
}

TEST_F(CatalogJob, Step10AFitOfAnotherSceneIsKept) {
  const auto fit = out() / "drawn_1/run";
  const auto before = test::read_bytes(CheckpointFolder(fit).list().front());
  const auto other =
      run_retime("run " + (folder_ / "clips/drawn_1.mp4").string() + " -o " + fit.parent_path().string() +
                 " --objects 1 --size 48x32 --epochs 1 --width 4 --preset ultrafast --preview-epochs 0");
  ASSERT_EQ(other.exit_code, 0) << other.output;
  EXPECT_THAT(other.output, HasSubstr("width 64 -> 48"));
  EXPECT_THAT(other.output, HasSubstr("is kept in " + fit.string() + ".1"));
  const auto kept = CheckpointFolder(fit.string() + ".1").list();
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ(test::read_bytes(kept.front()), before);
}

}  // namespace
}  // namespace retime
