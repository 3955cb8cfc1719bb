// Long videos: what a stage holds in memory does not grow with the number of frames, and a render that was killed goes
// on.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "format/checkpoint.hpp"
#include "post/video/video_writer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;

constexpr Size kSize{192, 108};  // of the clip; fitted at half of that
constexpr int kShort = 100, kLong = 400;
constexpr double kFrame_mib = 192 * 108 * 3 / 1048576.0;

// A person-sized block that walks to and fro before a wall.
Image drawn_frame(int t) {
  Image rgb(kSize, 3);
  const int left = static_cast<int>(86 + 70 * std::sin(t * 0.06));
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) {
      const bool body = x >= left && x < left + 20 && y >= 40 && y < 95;
      const int grain = (x * 7 + y * 13 + (x * y) % 11) % 23;
      auto* pixel = rgb.row(y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(body ? 200 : 70 + grain);
      pixel[1] = static_cast<std::uint8_t>(body ? 40 + grain : 90 + y / 2);
      pixel[2] = static_cast<std::uint8_t>(body ? 40 : 100 + x / 4);
    }
  return rgb;
}

struct Measured {
  int exit_code = -1;
  double peak_mib = 0;
  std::string output;
};

pid_t start(const std::string& arguments, const fs::path& log) {
  std::istringstream words(RETIME_PROGRAM " " + arguments);
  std::vector<std::string> list{std::istream_iterator<std::string>(words), {}};
  std::vector<char*> argv;
  for (auto& word : list) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

// Memory of a process that no file stands behind.
double anonymous_mib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  const std::string key = "RssAnon:";
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stod(line.substr(key.size())) / 1024;
  return 0;
}

class LongVideo : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = test::fresh_folder("long");
    for (const int frames : {kShort, kLong}) {
      VideoWriterOptions options;
      options.preset = "ultrafast";
      VideoWriter video(path(frames, ".mp4"), kSize, {25, 1}, options);
      for (int t = 0; t < frames; ++t) video.add(drawn_frame(t));
      video.finish();
    }
  }
  static void TearDownTestSuite() { test::clear_up(folder_); }

  static fs::path path(int frames, const std::string& suffix) { return folder_ / (std::to_string(frames) + suffix); }

  // Runs the program; checks that it ends well. Libraries' own pages, most of what is resident, do not count.
  static Measured measured(const std::string& arguments) {
    const fs::path log = folder_ / "log";
    const pid_t child = start(arguments, log);
    Measured result;
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      result.peak_mib = std::max(result.peak_mib, anonymous_mib(child));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.output = test::read_bytes(log);
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.output;
    return result;
  }

  static std::string prepare(int frames) {
    return "prepare " + path(frames, ".mp4").string() + " -o " + path(frames, ".h5").string() +
           " --size 96x54 --scale 2 --objects 1";
  }
  static std::string train(int frames, const std::string& more) {
    return "train " + path(frames, ".h5").string() + " -o " + path(frames, "_run").string() +
           " -c preview --width 4 --texture-channels 4 --batch-frames 4 --epochs 1 --preview-epochs 0" + more;
  }
  static std::string render(int frames) {
    return "render " + path(frames, "_run").string() + " -o " + path(frames, "_layers.h5").string();
  }
  static std::string compose(int frames) {
    return "compose " + path(frames, "_layers.h5").string() + " -o " + path(frames, "_out.mp4").string();
  }

  static inline fs::path folder_;
};

// Were frames held, a stage would take what the frames that the longer clip has more take, or a multiple of it.
TEST_F(LongVideo, PeakMemoryDoesNotGrowWithTheFrames) {
  const double frames_mib = (kLong - kShort) * kFrame_mib;
  ASSERT_GT(frames_mib, 15);
  const std::string cache = " --cache-gib 0.001";
  using Command = std::function<std::string(int)>;
  const std::pair<const char*, Command> stages[] = {{"prepare", prepare},
                                                    {"train", [&](int frames) { return train(frames, cache); }},
                                                    {"render", render},
                                                    {"compose", compose}};
  for (const auto& [name, command] : stages) {
    const double few = measured(command(kShort)).peak_mib, many = measured(command(kLong)).peak_mib;
    RecordProperty(std::string(name) + "_mib", std::to_string(few) + " " + std::to_string(many));
    EXPECT_LT(many - few, frames_mib / 2) << name << ": " << few << " MiB, " << many << " MiB";
  }
}

TEST_F(LongVideo, KilledRenderGoesOnWithTheMissingBlocks) {
  if (!fs::exists(path(kShort, "_run"))) {
    measured(prepare(kShort));
    measured(train(kShort, ""));
  }
  const fs::path blocks = path(kShort, "_layers");
  constexpr int kBlocks = (kShort + 7) / 8;
  test::remove_tree(blocks);
  const auto finished_blocks = [&] {
    std::map<fs::path, fs::file_time_type> times;
    if (fs::exists(blocks))
      for (const auto& entry : fs::directory_iterator(blocks))
        if (entry.path().extension() == ".h5" && entry.path().filename().string().starts_with("block_"))
          times[entry.path()] = entry.last_write_time();
    return times;
  };
  run_retime(render(kShort) + " --block-frames 8", "RETIME_FAULT_POINT='kill:rendering frame 40'");
  const auto before = finished_blocks();
  ASSERT_EQ(before.size(), 5U);
  const auto again = measured(render(kShort) + " --block-frames 8");
  EXPECT_THAT(again.output, HasSubstr(std::to_string(before.size()) + " blocks were there already, " +
                                      std::to_string(kBlocks - before.size()) + " were made"));
  const auto after = finished_blocks();
  EXPECT_EQ(after.size(), static_cast<std::size_t>(kBlocks));
  for (const auto& [file, time] : before) EXPECT_EQ(after.at(file), time) << file;
  EXPECT_EQ(std::distance(fs::directory_iterator(blocks), {}), kBlocks) << "something temporary was left behind";
}

}  // namespace
}  // namespace retime
