// Bad input gets one sentence, the right exit code, and leaves nothing behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/temporary_folder.hpp"
#include "data/decode/video_reader.hpp"
#include "e2e/program.hpp"
#include "media/picture.hpp"
#include "post/video/video_writer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using test::TemporaryFolder;
using ::testing::HasSubstr;

void expect_refused(const ProgramResult& result, int exit_code, const std::string& part) {
  EXPECT_EQ(result.exit_code, exit_code) << result.output;
  EXPECT_THAT(result.output, HasSubstr(part));
  EXPECT_THAT(result.output, Not(HasSubstr("terminate called")));
}

// A moving square on a textured ground.
void write_clip(const fs::path& path, int frames, Size size, bool moving = true) {
  VideoWriter writer(path, size, {10, 1});
  for (int t = 0; t < frames; ++t) {
    Image rgb(size, 3);
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        const bool square = moving && std::abs(x - 20 - 3 * t) < 12 && std::abs(y - size.height / 2) < 20;
        for (int c = 0; c < 3; ++c)
          rgb.row(y)[3 * x + c] = static_cast<std::uint8_t>(square ? 230 - 60 * c : 90 + (x * 7 + y * 13) % 23);
      }
    writer.add(rgb);
  }
  writer.finish();
}

void write_masks(const fs::path& folder, int frames, Size size) {
  fs::create_directories(folder);
  for (int t = 0; t < frames; ++t) {
    Image mask(size, 1);
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x)
        mask.row(y)[x] = std::abs(x - 20 - 3 * t) < 12 && std::abs(y - size.height / 2) < 20 ? 255 : 0;
    char name[16];
    std::snprintf(name, sizeof name, "%06d.png", t);
    write_png(folder / name, mask);
  }
}

TEST(Errors, Usage) {
  expect_refused(run_retime(""), 2, "usage: retime COMMAND");
  expect_refused(run_retime("trian"), 2, "did you mean 'train'?");
  expect_refused(run_retime("train scene.h5 -o x --epoch 3"), 2, "did you mean '--epochs'?");
  expect_refused(run_retime("train scene.h5 -o x --epochs many"), 2, "epochs = 'many'");
  expect_refused(run_retime("train scene.h5 -o x --norm grupo"), 2, "did you mean 'group'?");
  expect_refused(run_retime("train scene.h5"), 2, "--output");
  expect_refused(run_retime("train -o x"), 2, "file argument");
  expect_refused(run_retime("train scene.h5 -o x -c nothere"), 2, "preview");
  expect_refused(run_retime("prepare a.mp4 -o s.h5 --size 10x"), 2, "WIDTHxHEIGHT");
  expect_refused(run_retime("prepare a.mp4 -o s.h5 --objects some"), 2, "auto, people, moving or a number");
}

TEST(Errors, UnknownKeyInConfiguration) {
  const TemporaryFolder folder;
  std::ofstream(folder / "my.cfg") << "[train]\nepocs = 3\n";
  expect_refused(run_retime("train s.h5 -o x -c " + (folder / "my.cfg").string()), 2, "did you mean 'train.epochs'?");
}

TEST(Errors, InputsThatAreNoVideo) {
  const TemporaryFolder folder;
  const std::string out = " -o " + (folder / "out/scene.h5").string();
  expect_refused(run_retime("prepare " + (folder / "missing.mp4").string() + out), 1, "missing.mp4");
  std::ofstream(folder / "text.mp4") << "this is no video";
  expect_refused(run_retime("prepare " + (folder / "text.mp4").string() + out), 1, "text.mp4");
  std::ofstream(folder / "empty.mp4");
  expect_refused(run_retime("prepare " + (folder / "empty.mp4").string() + out), 1, "empty.mp4");
  fs::create_directories(folder / "no_frames");
  expect_refused(run_retime("prepare " + (folder / "no_frames").string() + out), 1, "no_frames");
  EXPECT_TRUE(!fs::exists(folder / "out") || fs::is_empty(folder / "out"));
}

TEST(Errors, NothingMoves) {
  const TemporaryFolder folder;
  write_clip(folder / "still.mp4", 20, {160, 96}, false);
  expect_refused(run_retime("prepare " + (folder / "still.mp4").string() + " -o " + (folder / "s/scene.h5").string()),
                 1, "mov");
  EXPECT_TRUE(fs::is_empty(folder / "s"));
}

TEST(Errors, Masks) {
  const TemporaryFolder folder;
  write_clip(folder / "clip.mp4", 20, {160, 96});
  const std::string prepare = "prepare " + (folder / "clip.mp4").string() + " -o " + (folder / "s/scene.h5").string();
  write_masks(folder / "good/01", 20, {160, 96});
  EXPECT_EQ(run_retime(prepare + " --masks " + (folder / "good").string()).exit_code, 0);
  fs::remove_all(folder / "s");
  write_masks(folder / "small/01", 20, {150, 96});
  expect_refused(run_retime(prepare + " --masks " + (folder / "small").string()), 1, "150x96");
  write_masks(folder / "many/01", 25, {160, 96});
  expect_refused(run_retime(prepare + " --masks " + (folder / "many").string()), 1, "25");
  expect_refused(run_retime(prepare + " --masks " + (folder / "none").string()), 1, "none");
  EXPECT_TRUE(fs::is_empty(folder / "s"));
}

TEST(Errors, Keypoints) {
  const TemporaryFolder folder;
  write_clip(folder / "clip.mp4", 20, {160, 96});
  const std::string prepare = "prepare " + (folder / "clip.mp4").string() + " -o " + (folder / "s/scene.h5").string();
  const auto keypoints = [&](const std::string& name) { return prepare + " --keypoints " + (folder / name).string(); };
  expect_refused(run_retime(keypoints("none.json")), 1, "none.json (no such file or folder)");
  std::ofstream(folder / "cut.json") << "[{\"image_id\": \"0.jpg\",\n \"keypoints\": [1, 2";
  expect_refused(run_retime(keypoints("cut.json")), 1, "cut.json is not valid JSON (line 2");
  std::ofstream(folder / "other.json") << "{\"a\": 1}";
  expect_refused(run_retime(keypoints("other.json")), 1, "the form of these keypoints is not known");
  EXPECT_TRUE(!fs::exists(folder / "s") || fs::is_empty(folder / "s"));
}

TEST(Errors, InputsAreNeverReplaced) {
  const TemporaryFolder folder;
  write_clip(folder / "clip.mp4", 20, {160, 96});
  const auto size = fs::file_size(folder / "clip.mp4");
  const std::string clip = (folder / "clip.mp4").string();
  expect_refused(run_retime("prepare " + clip + " -o " + clip), 1, "replace the clip");
  write_clip(folder / "other.mp4", 5, {160, 96});
  expect_refused(run_retime("prepare " + clip + " -o " + (folder / "other.mp4").string()), 1, "not HDF5");
  expect_refused(run_retime("prepare " + clip + " -o /dev/null"), 1, "not a regular file");
  EXPECT_EQ(fs::file_size(clip), size);
}

TEST(Errors, EditsAreReadBeforeTheWork) {
  const TemporaryFolder folder;
  write_clip(folder / "clip.mp4", 20, {160, 96});
  const std::string run = "run " + (folder / "clip.mp4").string() + " -o " + (folder / "out").string() + " --edit ";
  std::ofstream(folder / "broken.json") << "{\"edits\": [";
  expect_refused(run_retime(run + (folder / "broken.json").string()), 1, "not valid JSON");
  std::ofstream(folder / "layer.json") << "// by name\n"
                                          R"({"edits": [{"layer": "objekt_1", "remove": true}]})";
  expect_refused(run_retime(run + (folder / "layer.json").string()), 1, "object_1");
  EXPECT_FALSE(fs::exists(folder / "out/run"));
}

TEST(Errors, RanksRunTheMainJobTogether) {
  const TemporaryFolder folder;
  write_clip(folder / "clip.mp4", 20, {160, 96});
  const auto result = run_ranks(2, "run " + (folder / "clip.mp4").string() + " -o " + (folder / "out").string() +
                                       " --epochs 2 --width 4 --preset ultrafast");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_TRUE(fs::exists(folder / "out/reconstruction.mp4"));
}

TEST(Errors, FilesOfAnotherKind) {
  const TemporaryFolder folder;
  std::ofstream(folder / "noise.h5") << "not HDF5";
  expect_refused(run_retime("train " + (folder / "noise.h5").string() + " -o " + (folder / "run").string()), 1,
                 "noise.h5");
  expect_refused(run_retime("render " + folder.path().string() + " -o " + (folder / "l.h5").string()), 1, "run.json");
  expect_refused(run_retime("compose " + (folder / "noise.h5").string() + " -o " + (folder / "o.mp4").string()), 1,
                 "noise.h5");
  expect_refused(run_retime("info " + (folder / "noise.h5").string()), 1, "noise.h5");
  EXPECT_FALSE(fs::exists(folder / "run/run.json"));
  EXPECT_FALSE(fs::exists(folder / "o.mp4"));
}

TEST(Errors, WhatAllRanksFindOneTells) {
  const auto result = run_ranks(2, "train /nonexistent/scene.h5 -o /nonexistent/run");
  EXPECT_EQ(result.exit_code, 1);
  const auto told = result.output.find("/nonexistent/scene.h5");
  EXPECT_NE(told, std::string::npos) << result.output;
  EXPECT_EQ(told, result.output.rfind("/nonexistent/scene.h5")) << result.output;
}

// Both ranks are told the same; the second one's folder lacks the scene.
TEST(Errors, OneRankThatFailsEndsAll) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "elsewhere");
  ASSERT_TRUE(succeeds(run_retime("prepare " + kRoomClip + " -o " + (folder / "scene.h5").string() +
                                  " --size 96x54 --objects 2 --first-frame 0 --last-frame 40")));
  const std::string fit = RETIME_PROGRAM " train scene.h5 -o run -c preview --width 4 --epochs 100000";
  const auto result =
      run_shell("OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1 timeout -k 5 150 " RETIME_MPIEXEC
                " --oversubscribe --allow-run-as-root -n 1 --wdir " +
                folder.path().string() + " " + fit + " : -n 1 --wdir " + (folder / "elsewhere").string() + " " + fit);
  expect_refused(result, 1, "cannot open scene.h5 (no such file)");
  EXPECT_THAT(result.output, HasSubstr("rank 1"));
  EXPECT_FALSE(fs::exists(folder / "run/metrics.jsonl"));
}

// Before it joins the others: nobody else could tell.
TEST(Errors, ARankWithoutItsProgramTellsSo) {
  const std::string info = RETIME_PROGRAM " info " + kRoomClip;
  const auto result = run_shell("timeout -k 5 60 " RETIME_MPIEXEC " --oversubscribe --allow-run-as-root -n 1 " + info +
                                " : -n 1 env RETIME_LIBEXEC=/nowhere " + info);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("needs the program retime-compute"));
  EXPECT_THAT(result.output, HasSubstr("[rank 1]"));
}

TEST(Errors, FullDisk) {
  const TemporaryFolder folder;
  // A limit on the size of files behaves as a disk that is full, without root.
  const auto result = run_shell("bash -c 'ulimit -f 2000; trap \"\" XFSZ; " RETIME_PROGRAM " prepare " + kRoomClip +
                                " -o " + (folder / "s/scene.h5").string() + "'");
  expect_refused(result, 1, "scene.h5");
  EXPECT_TRUE(fs::is_empty(folder / "s"));
}

}  // namespace
}  // namespace retime
