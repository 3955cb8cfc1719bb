#include "data/geometry/homographies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

std::filesystem::path write(const TemporaryFolder& folder, const std::string& text) {
  std::ofstream(folder / "homographies.txt") << text;
  return folder / "homographies.txt";
}

TEST(Homographies, AreScaledToOurPixels) {
  const TemporaryFolder folder;
  const auto file =
      write(folder, "size: 800 400\nbounds: -80 880 0 400\n1 0 0 0 1 0 0 0 1\n1 0.5 40 0 1 -20 0.001 0 1\n");
  const auto camera = read_homographies(file, {400, 100}, 2);
  EXPECT_EQ(camera.bounds, (std::array<double, 4>{-40, 440, 0, 100}));
  ASSERT_EQ(camera.frame_from_plane.size(), 2U);
  // A point of the plane, mapped in the file's pixels and then scaled, is where our matrix maps the scaled point.
  // Pixels have their centres at integers.
  const double x = 200, y = 300, w = 0.001 * x + 1;
  const double frame_x = (x + 0.5 * y + 40) / w, frame_y = (y - 20) / w;
  const auto& h = camera.frame_from_plane[1];
  const double u = (x + 0.5) / 2 - 0.5, v = (y + 0.5) / 4 - 0.5, z = h[6] * u + h[7] * v + h[8];
  EXPECT_NEAR((h[0] * u + h[1] * v + h[2]) / z, (frame_x + 0.5) / 2 - 0.5, 1e-9);
  EXPECT_NEAR((h[3] * u + h[4] * v + h[5]) / z, (frame_y + 0.5) / 4 - 0.5, 1e-9);
}

TEST(Homographies, FaultsAreNamedWithTheirLine) {
  const TemporaryFolder folder;
  const std::string head = "size: 8 4\nbounds: 0 8 0 4\n";
  const auto fault = [&](const std::string& text, int frames = 1) {
    return message_of<Error>([&] { read_homographies(write(folder, text), {8, 4}, frames); });
  };
  EXPECT_THAT(fault("8 4\n"), HasSubstr("line 1"));
  EXPECT_THAT(fault("size: 8 4\nbounds: 8 0 0 4\n"), HasSubstr("bounds are empty"));
  EXPECT_THAT(fault(head + "1 0 0 0 1 0 0 0\n"), HasSubstr("line 3"));
  EXPECT_THAT(fault(head + "1 0 0 0 1 0 0 0 nan\n"), HasSubstr("line 3"));
  EXPECT_THAT(fault(head + "0 0 0 0 1 0 0 0 1\n"), HasSubstr("cannot be inverted"));
  EXPECT_THAT(fault(head + "1 0 0 0 1 0 0 0 1\n", 2), HasSubstr("1 homographies for 2 frames"));
}

}  // namespace
}  // namespace retime
