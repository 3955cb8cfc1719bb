// Stages after the fit under mpirun: what ranks make together is what one makes alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/files.hpp"
#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "format/layers.hpp"
#include "post/media_probe.hpp"
#include "post/tiny_truth.hpp"
#include "post/wav_file.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Layers of forty frames of 64x48 in four blocks: a ramp that grows brighter, and a bar that moves. With sound.
class Ranks : public ::testing::Test {
 protected:
  static constexpr Size kSize{64, 48};
  static constexpr int kFrames = 40, kBlockFrames = 10;

  Ranks() {
    LayersInfo info;
    info.size = kSize;
    info.frame_count = kFrames;
    info.block_frames = kBlockFrames;
    info.names = {"background", "bar"};
    info.order.assign(kFrames, {1});
    test::write_wav(path("sound.wav"), 2, {0.5, 1.2});
    info.source = {path("sound.wav"), "", 0, true};
    make_folder(layers_folder(layers()));
    for (int block = 0; block < info.block_count(); ++block) {
      LayersBlockWriter writer(layers(), info, block);
      for (int t = block * kBlockFrames; t < (block + 1) * kBlockFrames; ++t)
        for (const int layer : {0, 1}) writer.write(t, layer, picture(t, layer));
      writer.commit();
    }
    write_layers_index(layers(), info);
    write_text_file(path("edit.json"), R"({"edits": [{"layer": "bar", "offset": 7}]})");
  }

  static Image picture(int frame, int layer) {
    Image rgba(kSize, 4);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        p[0] = static_cast<std::uint8_t>(layer == 0 ? 2 * x + frame : 200);
        p[1] = static_cast<std::uint8_t>(layer == 0 ? 3 * y : 40 + 5 * (y % 8));
        p[3] = layer == 0 || (x >= frame && x < frame + 9) ? 255 : 0;
      }
    return rgba;
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string layers() const { return path("layers.h5"); }
  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  static void expect_same_folders(const std::string& a, const std::string& b) {
    const auto result = run_shell("diff -r " + a + " " + b);
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }
  static void expect_told_once(const ProgramResult& result, const std::string& sentence) {
    EXPECT_EQ(result.exit_code, 1) << result.output;
    EXPECT_THAT(result.output, HasSubstr(sentence));
    EXPECT_EQ(result.output.find(sentence), result.output.rfind(sentence)) << result.output;
  }
  // A block whose pixels fail their checksums.
  void damage(int block) const {
    char name[32];
    std::snprintf(name, sizeof name, "block_%06d.h5", block);
    const auto file = layers_folder(layers()) / name;
    const auto size = static_cast<std::streamoff>(fs::file_size(file));
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(size / 2);
    out << std::string(static_cast<std::size_t>(size / 4), '\x5a');
  }
  // What stands in the folder beside the layers.
  std::vector<std::string> made() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path().filename().string());
    for (const char* given : {"layers.h5", "layers", "sound.wav", "edit.json"}) std::erase(names, given);
    return names;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Ranks, ComposeTheVideoOfOne) {
  const auto arguments = [&](const char* name) {
    return "compose " + layers() + " --edit " + path("edit.json") + " -o " + path(name);
  };
  const auto one = run_retime(arguments("one.mp4"));
  ASSERT_EQ(one.exit_code, 0) << one.output;
  EXPECT_EQ(test::probe(path("one.mp4")).size(), 2U) << "pictures and sound";
  for (const int ranks : {2, 3}) {
    const auto many = run_ranks(ranks, arguments("many.mp4"));
    ASSERT_EQ(many.exit_code, 0) << many.output;
    EXPECT_EQ(bytes_of(path("many.mp4")), bytes_of(path("one.mp4"))) << ranks << " ranks";
  }
}

TEST_F(Ranks, WriteThePicturesOfOne) {
  ASSERT_TRUE(succeeds(run_retime("compose " + layers() + " -o " + path("one/"))));
  const auto many = run_ranks(3, "compose " + layers() + " -o " + path("many/"));
  ASSERT_EQ(many.exit_code, 0) << many.output;
  EXPECT_TRUE(fs::exists(path("many/000039.png")));
  expect_same_folders(path("one"), path("many"));
  ASSERT_TRUE(succeeds(run_retime("export " + layers() + " -o " + path("layers_one"))));
  const auto exported = run_ranks(3, "export " + layers() + " -o " + path("layers_many"));
  ASSERT_EQ(exported.exit_code, 0) << exported.output;
  EXPECT_TRUE(fs::exists(path("layers_many/layer_01/000039.png")));
  expect_same_folders(path("layers_one"), path("layers_many"));
}

TEST_F(Ranks, ABlockThatCannotBeReadEndsTheJobAndLeavesNoVideo) {
  for (const int block : {1, 0}) {  // rank 1 meets it, then rank 0
    damage(block);
    const auto result = run_ranks(2, "compose " + layers() + " -o " + path("out.mp4"));
    EXPECT_EQ(result.exit_code, 1) << result.output;
    EXPECT_THAT(result.output,
                AllOf(HasSubstr("cannot read frame"), HasSubstr(std::to_string(block) + ".h5 is damaged")));
    EXPECT_THAT(made(), IsEmpty());
  }
}

TEST_F(Ranks, AMissingFileIsToldOnce) {
  for (const std::string command : {"train", "render", "compose", "export", "score"}) {
    const auto result = run_ranks(3, command + " " + path("none.h5") + (command == "score" ? "" : " -o " + path("o/")));
    EXPECT_EQ(result.exit_code, 1) << result.output;
    EXPECT_THAT(result.output, HasSubstr("[rank 0]")) << command;
    EXPECT_THAT(result.output, Not(HasSubstr("[rank 1]"))) << command;
  }
}

TEST_F(Ranks, WhatRankZeroCannotWriteIsToldOnce) {
  const std::string nowhere = "/proc/retime/", compose = "compose " + layers() + " -o ";
  expect_told_once(run_ranks(2, compose + nowhere + "out.mp4"), "cannot create the folder");
  expect_told_once(run_ranks(2, "export " + layers() + " -o " + nowhere), "cannot create the folder");
  ::setenv("RETIME_FAULT_POINT", "throw:save.closed", 1);
  const auto result = run_ranks(2, compose + path("out.mp4"));
  ::unsetenv("RETIME_FAULT_POINT");
  expect_told_once(result, "RETIME_FAULT_POINT asks for a failure");
  EXPECT_THAT(made(), IsEmpty());
}

TEST_F(Ranks, FindTheScoreOfOne) {
  test::TinyTruth::write(path("truth"));
  LayersInfo info;
  info.size = test::TinyTruth::kSize;
  info.frame_count = info.block_frames = test::TinyTruth::kFrames;
  info.names = {"background", "01", "02"};
  info.order.assign(static_cast<std::size_t>(info.frame_count), {1, 2});
  const auto file = path("true.h5");
  make_folder(layers_folder(file));
  test::TinyTruthSource source([](int frame, int layer, Image& rgba) {
    if (layer == frame % 3) rgba.row(20)[4 * 30 + 3] ^= 0x40;
  });
  LayersBlockWriter writer(file, info, 0);
  Image rgba;
  for (int t = 0; t < info.frame_count; ++t)
    for (int layer = 0; layer < 3; ++layer) {
      source.read(t, layer, rgba);
      writer.write(t, layer, rgba);
    }
  writer.commit();
  write_layers_index(file, info);
  const std::string arguments = "score " + file + " --truth " + path("truth") + " --json ";
  ASSERT_TRUE(succeeds(run_retime(arguments + path("one.json"))));
  expect_told_once(run_ranks(2, arguments + "/proc/retime/s.json"), "cannot create the folder");
  const auto many = run_ranks(3, arguments + path("many.json"));
  ASSERT_EQ(many.exit_code, 0) << many.output;
  const auto a = nlohmann::json::parse(bytes_of(path("one.json"))).flatten(),
             b = nlohmann::json::parse(bytes_of(path("many.json"))).flatten();
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [key, value] : a.items()) {
    if (value.is_number_float())
      EXPECT_NEAR(b.at(key).get<double>(), value.get<double>(), 1e-9) << key;
    else
      EXPECT_EQ(b.at(key), value) << key;
  }
}

}  // namespace
}  // namespace retime
