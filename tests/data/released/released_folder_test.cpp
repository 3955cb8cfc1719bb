#include "data/released/released_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/released_fixture.hpp"

namespace retime {
namespace {

using test::message_of;
using test::ReleasedFixture;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class ReleasedFolderTest : public testing::Test {
 protected:
  ReleasedFolder read(const FrameRange& range = {}) const { return ReleasedFolder(fixture_.path(), range); }
  std::string error() const {
    return message_of<Error>([&] { read(); });
  }

  test::TemporaryFolder folder_;
  ReleasedFixture fixture_{folder_.path()};
};

TEST_F(ReleasedFolderTest, TellsWhatIsThere) {
  const auto folder = read();
  EXPECT_TRUE(ReleasedFolder::recognises(fixture_.path()));
  EXPECT_EQ(folder.frames(), fixture_.path() / "rgb_512");
  EXPECT_EQ(folder.training_frames(), fixture_.path() / "rgb_256");
  EXPECT_EQ(folder.frame_count(), ReleasedFixture::kFrames);
  EXPECT_EQ(folder.training_size(), ReleasedFixture::kTraining);
  EXPECT_THAT(folder.objects(), ElementsAre("01", "02"));
  EXPECT_TRUE(folder.has_iuv());
  EXPECT_FALSE(folder.has_full_iuv());
  EXPECT_TRUE(folder.mask_folder().empty());
  EXPECT_TRUE(folder.homographies().empty());
  EXPECT_TRUE(folder.order().empty());
}

TEST_F(ReleasedFolderTest, TheSmallFramesAloneAreEnough) {
  test::remove_tree(fixture_.path() / "rgb_512");
  const auto folder = read();
  EXPECT_EQ(folder.frames(), fixture_.path() / "rgb_256");
  EXPECT_TRUE(folder.training_frames().empty());
  EXPECT_EQ(folder.training_size(), ReleasedFixture::kTraining);
}

TEST_F(ReleasedFolderTest, TheLargeFramesAloneAreEnough) {
  test::remove_tree(fixture_.path() / "rgb_256");
  EXPECT_EQ(read().training_size(), ReleasedFixture::kTraining);
}

TEST_F(ReleasedFolderTest, ARangeTakesItsFramesAndTheirOrder) {
  fixture_.save_metadata("{" + ReleasedFixture::order(4) + "}");
  const auto folder = read({3, 5});
  EXPECT_EQ(folder.frame_count(), 3);
  EXPECT_EQ(folder.iuv_file(1, 0), fixture_.path() / "iuv/02/0004.png");
  EXPECT_THAT(folder.order(), ElementsAre(ElementsAre(0, 1), ElementsAre(1, 0), ElementsAre(1, 0)));
}

TEST_F(ReleasedFolderTest, MissingPicturesAreNamed) {
  fs::remove(fixture_.path() / "iuv/02/0005.png");
  EXPECT_THAT(error(), AllOf(HasSubstr("iuv/02/0005.png is missing"), HasSubstr("9 pictures for 10 frames")));
}

TEST_F(ReleasedFolderTest, PicturesOfNoFrameAreNamed) {
  fs::copy(fixture_.path() / "iuv/02/0005.png", fixture_.path() / "iuv/02/0011.png");
  EXPECT_THAT(error(), HasSubstr("iuv/02/0011.png belongs to no frame"));
}

TEST_F(ReleasedFolderTest, LargeFramesMustBeTwiceAsLarge) {
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) fixture_.save("rgb_512", t, cv::Mat::zeros(64, 130, CV_8UC3));
  EXPECT_THAT(error(), AllOf(HasSubstr("130x64"), HasSubstr("96x48"), HasSubstr("exactly twice")));
}

TEST_F(ReleasedFolderTest, MasksNeedAnObject) {
  fixture_.save("mask/03", 0, cv::Mat::zeros(48, 96, CV_8U));
  EXPECT_THAT(error(), HasSubstr("mask/03"));
}

TEST_F(ReleasedFolderTest, AnOrderThatIsNoPermutationIsNamed) {
  fixture_.save_metadata(R"({"composite_order": [[1,2],[2,1],[1,1],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2],[1,2]]})");
  EXPECT_THAT(error(), AllOf(HasSubstr("composite_order"), HasSubstr("frame 2"), HasSubstr("[1,1]")));
  fixture_.save_metadata(R"({"composite_order": [[1,2],[2,1]]})");
  EXPECT_THAT(error(), HasSubstr("2 entries for 10 frames"));
  fixture_.save_metadata(R"({"composite_order": [[1,"2"]]})");
  EXPECT_THAT(error(), HasSubstr("no list of whole numbers"));
}

TEST_F(ReleasedFolderTest, MetadataOfAnotherSizeAreRefused) {
  fixture_.save_metadata(R"({"size_LR": [448, 256]})");
  EXPECT_THAT(error(), AllOf(HasSubstr("size_LR"), HasSubstr("[448,256]"), HasSubstr("96x48")));
  fixture_.save_metadata(R"({"size_LR": [96, 48], "n_textures": 49})");
  EXPECT_NO_THROW(read());
}

TEST_F(ReleasedFolderTest, MetadataThatAreNoJsonAreRefused) {
  fixture_.save_metadata("{\"size_LR\": [96,");
  EXPECT_THAT(error(), HasSubstr("not valid JSON"));
  fixture_.save_metadata("[1]");
  EXPECT_THAT(error(), HasSubstr("metadata.json"));
}

TEST_F(ReleasedFolderTest, APersonIsOnOneLayer) {
  fixture_.save_metadata(R"({"people_layers": [[1, 2], [2]]})");
  EXPECT_THAT(error(), AllOf(HasSubstr("people_layers"), HasSubstr("person 2 is named twice")));
}

TEST(OmnimatteFolder, HasMasksAndHomographies) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder / "rgb");
  fs::create_directories(folder / "mask/01");
  cv::imwrite((folder / "rgb/0001.png").string(), cv::Mat::zeros(32, 64, CV_8UC3));
  std::ofstream(folder / "homographies.txt") << "size: 64 32\n";
  const ReleasedFolder omnimatte(folder.path(), {});
  EXPECT_EQ(omnimatte.frames(), folder / "rgb");
  EXPECT_EQ(omnimatte.training_size(), Size{}) << "left to the user";
  EXPECT_FALSE(omnimatte.has_iuv());
  EXPECT_EQ(omnimatte.mask_folder(), folder / "mask");
  EXPECT_EQ(omnimatte.homographies(), folder / "homographies.txt");
}

TEST(OmnimatteFolder, OtherFoldersAreNotRecognised) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(ReleasedFolder::recognises(folder.path()));
  EXPECT_FALSE(ReleasedFolder::recognises(folder / "clip.mp4"));
}

}  // namespace
}  // namespace retime
