#pragma once

#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "data/people/people_models.hpp"

/// Skips a test visibly where the networks are not there.
#define RETIME_NEED_PEOPLE_MODELS() \
  if (!find_people_models()) GTEST_SKIP() << "no networks that find people: run tools/setup.sh"

namespace retime {

/// A frame of tests/data/people, RGB.
inline cv::Mat people_frame(const std::string& name) {
  const auto root = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../../..";  // of build/PRESET/bin
  const auto file = root / "tests/data/people" / (name + ".jpg");
  cv::Mat rgb;
  cv::cvtColor(cv::imread(file.string()), rgb, cv::COLOR_BGR2RGB);
  return rgb;
}

}  // namespace retime
