#include "data/keypoints/estimator_formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/keypoints/keypoint_files.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::counted_triplets;
using test::message_of;
using test::TemporaryFolder;
using test::write_json;
using testing::AllOf;
using testing::HasSubstr;

constexpr Size kPicture{640, 480};

// One picture of one person with `joints` numbers under `key`.
std::string person(const std::string& key, int joints, const std::string& rest = "") {
  return "{\"" + key + "\": [" + counted_triplets(joints) + "]" + rest + "}";
}

std::vector<int> places(const CocoJoints& joints) {
  std::vector<int> result;
  for (const auto& joint : joints) result.push_back(static_cast<int>(joint.x) - 100);
  return result;
}

class EstimatorFormatsTest : public testing::Test {
 protected:
  KeypointRecords read(const std::string& json) const {
    return read_keypoints(write_json(folder_ / "poses.json", json), kPicture);
  }
  std::string refused(const std::string& json) const {
    return message_of<Error>([&] { read(json); });
  }
  TemporaryFolder folder_;
};

TEST_F(EstimatorFormatsTest, AlphaPoseListIsPutInTheOrderOfNumbers) {
  std::string json = "[";
  for (const char* name : {"0.jpg", "1.jpg", "10.jpg", "2.jpg"})
    json +=
        std::string(json == "[" ? "" : ", ") + person("keypoints", 17, ", \"image_id\": \"" + std::string(name) + "\"");
  const auto records = read(json + "]");
  ASSERT_EQ(records.pictures.size(), 4U);
  EXPECT_EQ(records.pictures[2].name, "2.jpg");
  EXPECT_EQ(records.pictures[3].number, 10);
  EXPECT_FLOAT_EQ(records.pictures[3].people.at(0).joints[kRightAnkle].y, 216);
  EXPECT_FLOAT_EQ(records.pictures[3].people.at(0).joints[kRightAnkle].confidence, 0.5F);
}

TEST_F(EstimatorFormatsTest, TheFirstJointsOfHalpeAreThoseOfCoco) {
  for (const int joints : {17, 26, 133, 136}) {
    const auto records = read("[" + person("keypoints", joints, ", \"image_id\": \"7.jpg\"") + "]");
    EXPECT_EQ(places(records.pictures.at(0).people.at(0).joints),
              (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  }
}

TEST_F(EstimatorFormatsTest, IdentitiesHaveManyForms) {
  for (const char* same : {"3", "3.0", "\"3\"", "[3]", "[3.0]", "[[3.0], [5.0]]", "[[[3]]]"}) {
    const auto records = read("[" + person("keypoints", 17, ", \"image_id\": 0, \"idx\": " + std::string(same)) + "]");
    EXPECT_EQ(records.pictures[0].people[0].identity, "3") << same;
  }
  for (const char* none : {"null", "[]", "-1", "[-1]", "[[]]", "{}"}) {
    const auto records = read("[" + person("keypoints", 17, ", \"image_id\": 0, \"idx\": " + std::string(none)) + "]");
    EXPECT_EQ(records.pictures[0].people[0].identity, "") << none;
  }
}

TEST_F(EstimatorFormatsTest, AlphaPoseMayHaveAnEntryForEachPicture) {
  const auto tracked =
      read("{\"0001.png\": [" + person("keypoints", 17, ", \"idx\": 2, \"scores\": 2.9") + "], \"0002.png\": []}");
  ASSERT_EQ(tracked.pictures.size(), 2U);
  EXPECT_EQ(tracked.pictures[0].people.at(0).identity, "2");
  EXPECT_TRUE(tracked.pictures[1].people.empty());
  const auto open =
      read("{\"10.jpg\": {\"version\": \"AlphaPose v0.3\", \"people\": [" + person("pose_keypoints_2d", 18) +
           "]}, \"9.jpg\": {\"version\": \"AlphaPose v0.3\", \"bodies\": [" + person("joints", 18) + "]}}");
  ASSERT_EQ(open.pictures.size(), 2U);
  EXPECT_EQ(open.pictures[0].name, "9.jpg");
  EXPECT_EQ(places(open.pictures[0].people.at(0).joints), places(open.pictures[1].people.at(0).joints));
}

TEST_F(EstimatorFormatsTest, OpenPoseOrdersBecomeCocos) {
  const std::map<int, std::vector<int>> orders{{25, {0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11}},
                                               {18, {0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10}}};
  for (const auto& [joints, order] : orders) {
    const auto records = read("{\"version\": 1.3, \"people\": [" +
                              person("pose_keypoints_2d", joints, ", \"person_id\": [-1], \"face_keypoints_2d\": []") +
                              ", {\"pose_keypoints_2d\": []}]}");
    ASSERT_EQ(records.pictures.at(0).people.size(), 1U);
    EXPECT_EQ(places(records.pictures[0].people[0].joints), order);
    EXPECT_EQ(records.pictures[0].people[0].identity, "");
  }
}

TEST_F(EstimatorFormatsTest, CocoAnnotationsNameTheirPictures) {
  const auto records =
      read(R"({"images": [{"id": 900, "file_name": "frame_000003.png"}, {"id": 7, "file_name": "frame_000001.png"}],
    "annotations": [{"image_id": 900, "category_id": 1, "keypoints": [)" +
           std::string("20, 30, 2, 21, 31, 1, 0, 0, 0") +
           [] {
             std::string rest;
             for (int i = 0; i < 14; ++i) rest += ", 50, 60, 2";
             return rest;
           }() +
           R"(]}, {"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]}]})");
  ASSERT_EQ(records.pictures.size(), 2U);
  EXPECT_EQ(records.pictures[0].number, 1);
  EXPECT_TRUE(records.pictures[0].people.empty());
  const auto& joints = records.pictures[1].people.at(0).joints;
  EXPECT_FLOAT_EQ(joints[kNose].confidence, 1);
  EXPECT_FLOAT_EQ(joints[kLeftEye].confidence, 0.5F);
  EXPECT_FALSE(joints[kRightEye].is_known());
}

TEST_F(EstimatorFormatsTest, CocoResultsCountPictures) {
  const auto records =
      read("[" + person("keypoints", 17, ", \"image_id\": 12, \"category_id\": 1, \"score\": 0.7") + "]");
  EXPECT_EQ(records.pictures.at(0).number, 12);
}

TEST_F(EstimatorFormatsTest, MmposeHasFramesOrPictures) {
  std::string points, scores;
  for (int i = 0; i < 17; ++i) {
    points += (i ? ", [" : "[") + std::to_string(100 + i) + ", " + std::to_string(200 + i) + "]";
    scores += (i ? ", " : "") + std::string("1.25");
  }
  const std::string instance = "{\"keypoints\": [" + points + "], \"keypoint_scores\": [" + scores +
                               "], \"bbox\": [[1, 2, 3, 4]], \"bbox_score\": 0.9}";
  const std::string frames =
      "[{\"frame_id\": 1, \"instances\": []}, {\"frame_id\": 2, \"instances\": [" + instance + "]}]";
  for (const auto& json : {frames, "{\"meta_info\": {}, \"instance_info\": " + frames + "}"}) {
    const auto records = read(json);
    ASSERT_EQ(records.pictures.size(), 2U);
    EXPECT_EQ(records.pictures[1].number, 2);
    EXPECT_FLOAT_EQ(records.pictures[1].people.at(0).joints[kLeftHip].y, 211);
    EXPECT_FLOAT_EQ(records.pictures[1].people.at(0).joints[kLeftHip].confidence, 1) << "not above 1";
  }
  write_json(folder_ / "folder/000004.json", "[" + instance + "]");
  const auto records = read_keypoints(folder_ / "folder", kPicture);
  EXPECT_EQ(records.pictures.at(0).number, 4);
}

TEST_F(EstimatorFormatsTest, MistakesAreToldWithTheirPlace) {
  const std::string good = person("keypoints", 17, ", \"image_id\": \"0.jpg\"");
  EXPECT_THAT(refused("[" + good + ", " + person("keypoints", 16, ", \"image_id\": \"1.jpg\"") + "]"),
              AllOf(HasSubstr("poses.json, [1].keypoints: it has 16 joints (known here: 17, 26, 133, 136): ")));
  EXPECT_THAT(refused(R"([{"image_id": "0.jpg", "keypoints": [1, 2, 3, 4]}])"),
              HasSubstr("[0].keypoints: it has 4 numbers (three for each joint"));
  EXPECT_THAT(refused("[" + good + ", {\"keypoints\": []}]"), HasSubstr("[1]: it has no \"image_id\""));
  EXPECT_THAT(refused("[" + good + R"(, {"image_id": {}, "keypoints": []}])"),
              HasSubstr("[1].image_id: an object is neither a text nor a whole number"));
  std::string text = good;
  text.replace(text.find("101, 201"), 3, "\"x\"");
  EXPECT_THAT(refused("[" + text + "]"), HasSubstr("[0].keypoints[3]: \"x\" is no number"));
  text = good;
  text.replace(text.find("101, 201"), 3, "1e99");
  EXPECT_THAT(refused("[" + text + "]"), HasSubstr("[0].keypoints[3]: 1e+99 is no place in a picture"));
  EXPECT_THAT(refused("{\"people\": [" + person("pose_keypoints_2d", 15) + "]}"),
              HasSubstr("people[0].pose_keypoints_2d: it has 15 joints (known here: 25, 18)"));
  EXPECT_THAT(refused(R"({"images": [{"id": 1}], "annotations": [{"image_id": 2, "keypoints": []}]})"),
              HasSubstr("annotations[0]: the picture 2 is not among \"images\""));
  EXPECT_THAT(refused(R"({"instance_info": [{"frame_id": 1, "instances": [{"keypoints": [[1, 2, 3, 4]]}]}]})"),
              HasSubstr("instance_info[0].instances[0].keypoints: it has 1 joint ("));
}

}  // namespace
}  // namespace retime
