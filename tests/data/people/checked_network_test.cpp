#include "data/people/checked_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "tests/data/people/people_frames.hpp"

namespace retime {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string told_by(const std::filesystem::path& file, const std::vector<NetworkOutput>& outputs, const cv::Mat& rgb) {
  try {
    CheckedNetwork(file, outputs).run(rgb, 1 / 255.0F, 0);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const cv::Mat& grey() {
  static const cv::Mat rgb(256, 256, CV_8UC3, cv::Scalar(90, 90, 90));
  return rgb;
}

TEST(CheckedNetwork, AFileThatIsNoNetworkIsToldWithItsName) {
  test::TemporaryFolder folder;
  test::write_bytes(folder / "pose.onnx", "no network");
  EXPECT_THAT(told_by(folder / "pose.onnx", {{"presence", 1}}, grey()),
              AllOf(HasSubstr("pose.onnx"), HasSubstr("tools/setup.sh")));
}

TEST(CheckedNetwork, OutputsAreWhatTheirReadersRelyOn) {
  RETIME_NEED_PEOPLE_MODELS();
  const auto file = require_people_models().pose_landmarks;
  EXPECT_EQ(told_by(file, {{"presence", 1}, {"mask", 256 * 256}}, grey()), "");
  EXPECT_THAT(told_by(file, {{"presence", 2}}, grey()),
              AllOf(HasSubstr("pose_landmarks.onnx"), HasSubstr("presence has 1 values, not 2")));
  EXPECT_THAT(told_by(file, {{"boxes", 2}}, grey()), HasSubstr("pose_landmarks.onnx")) << "another network's output";
  EXPECT_THAT(told_by(file, {{"presence", 1}}, cv::Mat(64, 96, CV_8UC3, cv::Scalar(90, 90, 90))),
              HasSubstr("cannot be used"))
      << "pictures of another size";
}

}  // namespace
}  // namespace retime
