#include "data/correct/corrections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/temporary_folder.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::HasSubstr;

class CorrectionsTest : public testing::Test {
 protected:
  Corrections read(const std::string& entries) {
    write_text_file(file_, "{\"corrections\": [\n" + entries + "\n]}");
    return read_corrections(file_);
  }
  std::string mistake(const std::string& entries) {
    return message_of<Error>([&] { read(entries); });
  }
  std::string misfit(const std::string& entries) {
    const auto corrections = read(entries);
    return message_of<Error>([&] { check_corrections(corrections, 20, {64, 48}); });
  }
  template <class T>
  T verb(const std::string& entry) {
    return std::get<T>(read(entry).list.at(0).verb);
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "scene.edits.json";
};

TEST_F(CorrectionsTest, StandBesideTheScene) {
  EXPECT_EQ(corrections_file("out/scene.h5"), "out/scene.edits.json");
  EXPECT_EQ(corrections_file("hall.h5"), "hall.edits.json");
  EXPECT_TRUE(read_corrections(file_).empty()) << "no file, no corrections";
  EXPECT_EQ(read("").text, "");
}

TEST_F(CorrectionsTest, EveryVerbIsRead) {
  EXPECT_EQ(verb<RenameObject>(R"({"rename": "object_1", "as": "left"})").as, "left");
  EXPECT_EQ(verb<MergeObjects>(R"({"merge": ["object_2", "object_4"]})").objects.back(), "object_4");
  EXPECT_EQ(verb<SplitObject>(R"({"split": "object_1", "at": 12, "as": "coach"})").at, 12);
  EXPECT_EQ(verb<RemoveObject>(R"({"remove": "object_3"})").object, "object_3");
  const auto mask = verb<RepairMask>(R"({"mask": "left", "frames": [3, 5], "remove": [[1, 2], [3, 4.5], [1, 9]]})");
  EXPECT_EQ(mask.repair, Repair::kRemove);
  EXPECT_EQ(mask.frames.last, 5);
  EXPECT_EQ(mask.polygon.at(1), cv::Point2f(3, 4.5F));
  EXPECT_EQ(verb<GroupObjects>(R"({"group": ["left", "ball"], "as": "pair"})").as, "pair");
  EXPECT_EQ(verb<OrderObjects>(R"({"order": ["back", "front"]})").frames.last, kLastFrame);
  const auto joints = verb<FixJoints>(R"({"joints": "left", "frame": 7, "left_wrist": [31, 12], "nose": null})");
  ASSERT_EQ(joints.joints.size(), 2U);
  EXPECT_EQ(joints.joints[0].first, kNose);
  EXPECT_FALSE(joints.joints[0].second);
  EXPECT_EQ(joints.joints[1].second, cv::Point2f(31, 12));
  EXPECT_EQ(verb<LeaveOutFrames>(R"({"leave_out": 9})").frames.first, 9);
}

TEST_F(CorrectionsTest, MistakesNameLineAndPlace) {
  EXPECT_THAT(mistake("{},\n{\"rename\": \"a\"}"),
              HasSubstr("line 2: corrections[0] cannot be applied (nothing to do)"));
  EXPECT_THAT(mistake("{\"remove\": \"a\"},\n{\"rename\": \"a\"}"),
              HasSubstr("line 3: corrections[1].as is missing (it is needed here)"));
  EXPECT_THAT(mistake(R"({"renam": "a", "as": "b"})"), HasSubstr("did you mean 'rename'?"));
  EXPECT_THAT(mistake(R"({"rename": "a", "as": "all"})"), HasSubstr("edits use this name for something else"));
  EXPECT_THAT(mistake(R"({"rename": "a", "as": "b/c"})"), HasSubstr("files are named after it"));
  EXPECT_THAT(mistake(R"({"merge": ["a", "a"]})"), HasSubstr("it names 'a' twice"));
  EXPECT_THAT(mistake(R"({"merge": ["a"]})"), HasSubstr("not a list of two names or more"));
  EXPECT_THAT(mistake(R"({"leave_out": [5, 3]})"), HasSubstr("the last frame lies before the first"));
  EXPECT_THAT(mistake(R"({"leave_out": [-1, 3]})"), HasSubstr("not a frame from 0 on"));
  EXPECT_THAT(mistake(R"({"mask": "a", "frames": 1})"), HasSubstr("give one of add, remove, unknown"));
  EXPECT_THAT(mistake(R"({"mask": "a", "frames": 1, "add": [[1, 2], [3, 4]]})"), HasSubstr("a polygon of 2 places"));
  EXPECT_THAT(mistake(R"({"mask": "a", "frames": 1, "add": [[1, 2], [3, 4], [5]]})"),
              HasSubstr("one of its places is [5]"));
  EXPECT_THAT(mistake(R"({"mask": "a", "frames": 1, "add": "b.png", "remove": "c.png"})"),
              HasSubstr("write two entries"));
  EXPECT_THAT(mistake(R"({"mask": "a", "frames": 1, "add": "none.png"})"), HasSubstr("there is no picture"));
  EXPECT_THAT(mistake(R"({"joints": "a", "frame": 1, "left_wrst": [1, 2]})"), HasSubstr("did you mean 'left_wrist'?"));
}

TEST_F(CorrectionsTest, WhatTheSceneDoesNotHaveIsRefused) {
  EXPECT_THAT(misfit(R"({"leave_out": [3, 20]})"), HasSubstr("there is no frame 20): the frames are 0 to 19"));
  EXPECT_THAT(misfit(R"({"split": "a", "at": 20, "as": "b"})"), HasSubstr("there is no frame 20"));
  EXPECT_THAT(misfit(R"({"mask": "a", "frames": 1, "add": [[64, 2], [80, 4], [70, 9]]})"), HasSubstr("64x48"));
  EXPECT_THAT(misfit("{\"leave_out\": 2},\n"
                     R"({"joints": "a", "frame": 7, "nose": [3, 4], "left_wrist": [31, -12.5]})"),
              HasSubstr("scene.edits.json, line 3: corrections[1] cannot be applied (left_wrist at [31, -12.5] lies "
                        "outside the picture): it is 64x48 pixels large"));
  EXPECT_THAT(misfit(R"({"joints": "a", "frame": 7, "nose": [65, 4]})"), HasSubstr("nose at [65, 4] lies outside"));
  EXPECT_EQ(misfit(R"({"joints": "a", "frame": 7, "nose": [63, 47], "left_eye": null})"), "");
  write_png(folder_ / "fix.png", Image({32, 24}, 1));
  EXPECT_THAT(misfit(R"({"mask": "a", "frames": 1, "add": "fix.png"})"), HasSubstr("fix.png is 32x24 pixels"));
}

TEST_F(CorrectionsTest, ADamagedPictureIsToldWithItsLine) {
  const std::string entry = R"({"leave_out": 3},
      {"mask": "a", "frames": 1, "add": "fix.png"})";
  write_png(folder_ / "fix.png", Image({64, 48}, 1));
  EXPECT_EQ(misfit(entry), "");
  write_text_file(folder_ / "fix.png", "no picture at all");
  EXPECT_THAT(misfit(entry), HasSubstr("scene.edits.json, line 3: corrections[1]: cannot read the picture "));
  EXPECT_THAT(misfit(entry), HasSubstr("fix.png (it is damaged or no picture)"));
}

TEST_F(CorrectionsTest, TheTextTellsPicturesApart) {
  const std::string entry = R"({"mask": "a", "frames": 1, "add": "fix.png"})";
  Image picture({64, 48}, 1);
  write_png(folder_ / "fix.png", picture);
  const auto before = read(entry).text;
  EXPECT_EQ(read("// a remark\n" + entry).text, before);
  picture.pixels[7] = 255;
  write_png(folder_ / "fix.png", picture);
  EXPECT_NE(read(entry).text, before);
}

}  // namespace
}  // namespace retime
