#include "data/prepare/prepare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "core/error.hpp"
#include "core/folder_lock.hpp"
#include "core/temporary_folder.hpp"
#include "data/body/tiny_body_network.hpp"
#include "data/keypoints/walking_body.hpp"
#include "data/released_fixture.hpp"
#include "format/scene.hpp"

namespace retime {
namespace {

using test::message_of;
using test::ReleasedFixture;
using testing::ElementsAre;
using testing::HasSubstr;

class PrepareReleasedTest : public testing::Test {
 protected:
  SceneReader prepare() {
    options_.show_progress = false;
    prepare_scene(fixture_.path(), scene_, options_);
    return SceneReader(scene_);
  }
  /// Part and visibility of an object at a pixel of the full size.
  static int part(const SceneReader& scene, int object, int frame, cv::Point at) {
    std::vector<std::uint8_t> iuv(192 * 96 * 3);
    scene.read_iuv_full(object, frame, 1, iuv);
    return iuv[static_cast<std::size_t>(3 * (192 * at.y + at.x))];
  }
  static int visibility(const SceneReader& scene, int object, int frame, cv::Point at) {
    std::vector<std::uint8_t> values(192 * 96);
    scene.read_visibility(object, frame, 1, values);
    return values[static_cast<std::size_t>(192 * at.y + at.x)];
  }
  static std::vector<std::uint8_t> matte(const SceneReader& scene, int object, int frame, cv::Point at) {
    std::vector<std::uint8_t> values(192 * 96 * 4);
    scene.read_matte(object, frame, 1, values);
    const auto pixel = values.begin() + 4 * (192 * at.y + at.x);
    return {pixel, pixel + 4};
  }

  test::TemporaryFolder folder_;
  ReleasedFixture fixture_{folder_ / "clip"};
  const std::filesystem::path scene_ = folder_ / "scene.h5";
  PrepareOptions options_;
};

constexpr int kMeeting = 4;  // frame in which both bodies cover the middle
const cv::Point kMiddle{86, 50}, kLeftOnly{74, 40};

TEST_F(PrepareReleasedTest, FramesAreTakenAsTheyAre) {
  cv::Mat marked = ReleasedFixture::frame(3);
  fixture_.save("rgb_512", 3, marked);
  cv::Mat small(48, 96, CV_8UC3, cv::Scalar(7, 8, 9));
  fixture_.save("rgb_256", 3, small);
  const auto scene = prepare();
  EXPECT_EQ(scene.info().size, ReleasedFixture::kTraining);
  EXPECT_EQ(scene.info().full_size(), ReleasedFixture::kFull);
  std::vector<std::uint8_t> base(96 * 48 * 3);
  scene.read_base(3, 1, base);
  EXPECT_THAT(std::vector<int>(base.begin(), base.begin() + 3), ElementsAre(9, 8, 7));
  cv::cvtColor(marked, marked, cv::COLOR_BGR2RGB);
  EXPECT_TRUE(std::equal(marked.datastart, marked.dataend, scene.read_full(3).pixels.begin()));
}

TEST_F(PrepareReleasedTest, ObjectsHaveTheMapsOfTheFolder) {
  fixture_.save_metadata("{" + ReleasedFixture::order(100) + "}");
  const auto scene = prepare();
  EXPECT_THAT(scene.info().objects, ElementsAre("01", "02"));
  EXPECT_EQ(scene.info().parts, 2);
  EXPECT_TRUE(scene.info().has_full_iuv && scene.info().has_visibility && scene.info().has_mattes);
  EXPECT_EQ(part(scene, 0, kMeeting, kMiddle), 2) << "the map covers the body where it is hidden";
  EXPECT_EQ(part(scene, 1, kMeeting, kMiddle), 1);
}

TEST_F(PrepareReleasedTest, WhoIsInFrontOwnsThePixelsAndHidesTheOther) {
  fixture_.save_metadata("{" + ReleasedFixture::order(100) + "}");
  const auto scene = prepare();
  EXPECT_EQ(matte(scene, 0, kMeeting, kMiddle)[3], 0);
  EXPECT_EQ(matte(scene, 1, kMeeting, kMiddle), (std::vector<std::uint8_t>{20, 60, 230, 255}));
  EXPECT_EQ(matte(scene, 0, kMeeting, kLeftOnly), (std::vector<std::uint8_t>{220, 40, 30, 255}));
  EXPECT_EQ(visibility(scene, 0, kMeeting, kMiddle), 0);
  EXPECT_EQ(visibility(scene, 0, kMeeting, kLeftOnly), 255);
  EXPECT_EQ(visibility(scene, 1, kMeeting, kMiddle), 255);
  EXPECT_EQ(visibility(scene, 0, 0, kLeftOnly), 255);
}

TEST_F(PrepareReleasedTest, AnOrderThatChangesLeavesObjectsTheSame) {
  fixture_.save_metadata("{" + ReleasedFixture::order(kMeeting) + "}");
  const auto scene = prepare();
  EXPECT_THAT(scene.order()[kMeeting - 1], ElementsAre(0, 1));
  EXPECT_THAT(scene.order()[kMeeting], ElementsAre(1, 0));
  for (int t = 0; t < ReleasedFixture::kFrames; ++t)
    for (int i = 0; i < 2; ++i) {
      const auto box = ReleasedFixture::box(i, t, 2);
      EXPECT_NE(part(scene, i, t, box.tl()), 0) << "object " << i << " in frame " << t;
      EXPECT_EQ(part(scene, i, t, box.br() + cv::Point(1, 1)), 0) << "object " << i << " in frame " << t;
    }
  EXPECT_EQ(visibility(scene, 0, kMeeting, kMiddle), 255);
  EXPECT_EQ(visibility(scene, 1, kMeeting, kMiddle), 0) << "now the first is in front";
}

TEST_F(PrepareReleasedTest, AGroupIsOneLayer) {
  options_.group = "01+02";
  const auto scene = prepare();
  EXPECT_THAT(scene.info().objects, ElementsAre("01+02"));
  EXPECT_EQ(scene.info().parts, 24 + 2);
  EXPECT_EQ(part(scene, 0, 0, ReleasedFixture::box(0, 0, 2).tl()), 1);
  EXPECT_EQ(part(scene, 0, 0, ReleasedFixture::box(1, 0, 2).tl()), 24 + 1);
  EXPECT_EQ(matte(scene, 0, 0, ReleasedFixture::box(1, 0, 2).tl() + cv::Point(5, 5))[3], 255);
  EXPECT_THAT(scene.order()[0], ElementsAre(0));
}

TEST_F(PrepareReleasedTest, MasksOfWhatIsVisibleAreCompleted) {
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) {
    cv::Mat front = cv::Mat::zeros(96, 192, CV_8U), behind = front.clone();
    front(ReleasedFixture::box(1, t, 2)).setTo(255);
    behind(ReleasedFixture::box(0, t, 2)).setTo(255);
    fixture_.save("visible/anna", t, behind & ~front);
    fixture_.save("visible/ben", t, front);
  }
  options_.masks = (fixture_.path() / "visible").string();
  const auto scene = prepare();
  EXPECT_EQ(part(scene, 0, kMeeting, kMiddle), 1) << "the body is there where it is hidden";
  EXPECT_EQ(visibility(scene, 0, kMeeting, kMiddle), 0) << "and it is told that it is";
  EXPECT_EQ(matte(scene, 0, kMeeting, kMiddle)[3], 0);
  EXPECT_EQ(matte(scene, 0, kMeeting, kLeftOnly), (std::vector<std::uint8_t>{220, 40, 30, 255}));
  EXPECT_THAT(scene.order()[kMeeting], ElementsAre(0, 1));
  options_.masks_are = MasksShow::kWholeBodies;
  EXPECT_EQ(part(prepare(), 0, kMeeting, kMiddle), 0);
}

TEST_F(PrepareReleasedTest, FramesWithoutAMaskAreFilledByWhatIsFound) {
  for (const int t : {2, ReleasedFixture::kFrames - 1}) {
    cv::Mat mask = cv::Mat::zeros(96, 192, CV_8U);
    mask(ReleasedFixture::box(0, t, 2)).setTo(255);
    fixture_.save("some/anna", t, mask);
  }
  options_.masks = (fixture_.path() / "some").string();
  const cv::Point middle = ReleasedFixture::box(0, 0, 2).tl() + cv::Point(10, 16);
  EXPECT_EQ(part(prepare(), 0, 0, middle), 0) << "not asked for";
  options_.objects = "moving";
  const auto scene = prepare();
  EXPECT_EQ(scene.info().objects.front(), "anna");
  EXPECT_EQ(part(scene, 0, 0, middle), 1) << "found where there is no mask";
}

TEST_F(PrepareReleasedTest, WhoIsHiddenWhollyIsThereAndKnownToBeHidden) {
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) {
    cv::Mat front = cv::Mat::zeros(96, 192, CV_8U), behind = front.clone();
    const cv::Rect box = ReleasedFixture::box(1, t, 2);
    front(box + cv::Size(32, 24) - cv::Point(16, 12)).setTo(255);
    behind(ReleasedFixture::box(0, t, 2)).setTo(255);
    fixture_.save("visible/anna", t, behind & ~front);
    fixture_.save("visible/ben", t, front);
    EXPECT_TRUE(t != kMeeting || cv::countNonZero(behind & ~front) == 0);
  }
  options_.masks = (fixture_.path() / "visible").string();
  const auto scene = prepare();
  EXPECT_EQ(part(scene, 0, kMeeting, kMiddle), 1);
  EXPECT_EQ(visibility(scene, 0, kMeeting, kMiddle), 0);
}

TEST_F(PrepareReleasedTest, PeopleLayersGroup) {
  fixture_.save_metadata(R"({"people_layers": [[2, 1]]})");
  EXPECT_THAT(prepare().info().objects, ElementsAre("02+01"));
}

TEST_F(PrepareReleasedTest, HomographiesAreFound) {
  std::ofstream file(fixture_.path() / "homographies.txt");
  file << "size: 96 48\nbounds: 0 96 0 48\n";
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) file << "1 0 " << t << " 0 1 0 0 0 1\n";
  file.close();
  options_.first_frame = 2;
  const auto scene = prepare();
  ASSERT_TRUE(scene.info().has_camera);
  EXPECT_EQ(scene.info().frame_count, 8);
  EXPECT_EQ(scene.read_camera().frame_from_plane.size(), 8U);
}

// The joints of a body as wide and high as a box, in parts of `scale` pixels for each of the training size.
std::string body_in(int object, int frame, int scale) {
  const auto box = ReleasedFixture::box(object, frame, scale);
  const auto joints = test::body_at(box.x + box.width / 2.0, box.y + box.height / 2.0, 0.9 * box.height);
  return "{\"idx\": " + std::to_string(object + 1) + ", \"keypoints\": [" + test::triplets(joints) + "]}";
}

std::string keypoints_json(int scale) {
  std::string json;
  for (int t = 0; t < ReleasedFixture::kFrames; ++t)
    json += (t ? ", \"" : "{\"") + ReleasedFixture::name(t) + "\": [" + body_in(1, t, scale) + ", " +
            body_in(0, t, scale) + "]";
  return json + "}";
}

void expect_joints_in_boxes(const SceneReader& scene, int first_frame) {
  ASSERT_TRUE(scene.info().has_keypoints);
  for (int object = 0; object < 2; ++object) {
    const auto joints = joints_from_values(scene.read_keypoints(object));
    for (std::size_t t = 0; t < joints.size(); ++t) {
      const auto box = ReleasedFixture::box(object, first_frame + static_cast<int>(t), 2);
      EXPECT_NEAR(joints[t][kLeftHip].x, box.x + box.width / 2.0 + 0.08 * 0.9 * box.height, 0.7) << t;
      EXPECT_NEAR(joints[t][kLeftHip].y, box.y + box.height / 2.0, 0.7) << t;
    }
  }
}

TEST_F(PrepareReleasedTest, KeypointsOfTheFolderGoToItsLayers) {
  test::write_json(fixture_.path() / "keypoints.json", keypoints_json(2));
  options_.first_frame = 3;
  expect_joints_in_boxes(prepare(), 3);
  test::write_json(fixture_.path() / "keypoints.json", keypoints_json(1));
  fixture_.save_metadata(R"({"alphapose_input_size": [96, 48]})");
  expect_joints_in_boxes(prepare(), 3);
}

TEST_F(PrepareReleasedTest, KeypointsMayComeFromElsewhere) {
  options_.keypoints = test::write_json(folder_ / "poses.json", keypoints_json(2)).string();
  expect_joints_in_boxes(prepare(), 0);
}

TEST_F(PrepareReleasedTest, WrongKeypointsAreToldBeforeTheWork) {
  test::write_json(fixture_.path() / "keypoints.json", "{\"0001.png\": [{\"keypoints\": [1, 2]}]}");
  EXPECT_THAT(message_of<Error>([&] { prepare(); }),
              HasSubstr("keypoints.json, 0001.png[0].keypoints: it has 2 numbers"));
  options_.keypoints = (folder_ / "none.json").string();
  EXPECT_THAT(message_of<Error>([&] { prepare(); }), HasSubstr("none.json (no such file or folder)"));
  EXPECT_FALSE(std::filesystem::exists(scene_));
}

// The folder with keypoints.json and a network, without IUV maps.
class PrepareFromJointsTest : public PrepareReleasedTest {
 protected:
  PrepareFromJointsTest() {
    std::filesystem::remove_all(fixture_.path() / "iuv");
    test::write_json(fixture_.path() / "keypoints.json", keypoints_json(2));
    test::TinyBodyNetwork tiny;
    tiny.paint_everywhere(9);
    options_.body_network = tiny.write(folder_ / "network.h5").string();
  }
  static int trimap(const SceneReader& scene, int object, int frame, cv::Point at) {
    std::vector<std::uint8_t> values(96 * 48);
    scene.read_trimap(object, frame, 1, values);
    return values[static_cast<std::size_t>(96 * at.y + at.x)];
  }
};

TEST_F(PrepareFromJointsTest, PeopleArePaintedWhereNothingElseTellsThem) {
  const auto scene = prepare();
  EXPECT_THAT(scene.info().objects, ElementsAre("01", "02"));
  EXPECT_EQ(scene.info().parts, 9);
  const auto box = ReleasedFixture::box(0, 1, 2);  // the square that the network sees is larger
  EXPECT_EQ(part(scene, 0, 1, (box.tl() + box.br()) / 2), 9);
  EXPECT_EQ(part(scene, 0, 1, {190, 90}), 0);
  EXPECT_EQ(trimap(scene, 0, 1, (box.tl() + box.br()) / 4), 255);
  expect_joints_in_boxes(scene, 0);
}

TEST_F(PrepareFromJointsTest, MasksCutWhatIsPainted) {
  for (int t = 0; t < ReleasedFixture::kFrames; ++t)
    for (int i = 0; i < 2; ++i) {
      cv::Mat mask = cv::Mat::zeros(48, 96, CV_8U);
      mask(ReleasedFixture::box(i, t, 1)).setTo(255);
      fixture_.save(ReleasedFixture::kind("mask", i), t, mask);
    }
  const auto box = ReleasedFixture::box(0, 1, 2);
  {
    const auto scene = prepare();
    EXPECT_EQ(scene.info().parts, 9);
    EXPECT_EQ(part(scene, 0, 1, (box.tl() + box.br()) / 2), 9);
    EXPECT_EQ(part(scene, 0, 1, box.tl() - cv::Point(4, 4)), 0);
  }
  options_.body_network = "none";
  EXPECT_EQ(part(prepare(), 0, 1, (box.tl() + box.br()) / 2), 1);
}

TEST_F(PrepareFromJointsTest, ANetworkThatCannotBeReadIsToldBeforeTheWork) {
  options_.body_network = (folder_ / "none.h5").string();
  EXPECT_THAT(message_of<Error>([&] { prepare(); }), HasSubstr("none.h5"));
  EXPECT_FALSE(std::filesystem::exists(scene_));
}

TEST_F(PrepareReleasedTest, TheSizeIsThatOfTheFolder) {
  options_.size = "64x32";
  EXPECT_THAT(message_of<UsageError>([&] { prepare(); }), HasSubstr("96x48"));
}

TEST_F(PrepareReleasedTest, NothingIsLeftOfAFailure) {
  fixture_.save("iuv/02", 6, cv::Mat(48, 96, CV_8UC3, cv::Scalar(12, 90, 137)));
  EXPECT_THAT(message_of<Error>([&] { prepare(); }), HasSubstr("iuv/02/0007.png"));
  EXPECT_EQ(folder_.entries(), 1);
}

TEST_F(PrepareReleasedTest, EveryPartShowsItsProgressToTheEnd) {
  testing::internal::CaptureStderr();
  prepare_scene(fixture_.path(), scene_, options_);
  const std::string told = testing::internal::GetCapturedStderr();
  for (const char* part : {"decode", "masks", "visibility", "camera check", "background", "lighting", "object maps"})
    EXPECT_TRUE(std::regex_search(told, std::regex(part + std::string(" ([0-9]+)/\\1 ")))) << part << " in\n" << told;
}

TEST_F(PrepareReleasedTest, AFileThatIsBeingWrittenIsRefused) {
  {
    const OutputLock other(scene_);
    EXPECT_THAT(message_of<Error>([&] { prepare(); }), HasSubstr("scene.h5 is being written"));
  }
  EXPECT_EQ(prepare().info().frame_count, ReleasedFixture::kFrames);
}

}  // namespace
}  // namespace retime
