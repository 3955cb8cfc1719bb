// Drawn scenes' cameras: pinhole and shadow map.

#include "synth/draw/pinhole.hpp"

#include <gtest/gtest.h>

#include "synth/draw/raster.hpp"

namespace retime::synth {
namespace {

Pinhole camera(double pan = 0, double tilt = 0) {
  return {{0, 1.5, 0}, camera_axes(pan, tilt), 300, 160, 90, {320, 180}};
}

TEST(SynthCamera, DirectionsLeadBackToTheirPixels) {
  const Pinhole c = camera(0.2, -0.1);
  for (const double u : {0.0, 200.5, 319.0})
    for (const double v : {0.0, 91.25}) {
      const Projected p = c.project(c.position + 3 * c.direction(u, v));
      EXPECT_NEAR(p.u, u, 1e-9);
      EXPECT_NEAR(p.v, v, 1e-9);
      EXPECT_NEAR(p.depth, 3, 1e-9);
    }
}

TEST(SynthCamera, TurnsGoRightAndDown) {
  const Vec3 ahead{0, 1.5, 5};
  EXPECT_LT(camera(0.1).project(ahead).u, 160) << "a turn to the right moves the picture to the left";
  EXPECT_LT(camera(0, 0.1).project(ahead).v, 90);
  EXPECT_GT(camera().project({0, 0, 5}).v, 90) << "the floor is below";
}

TEST(SynthCamera, AWindowShowsTheSameAtAnotherScale) {
  const Pinhole c = camera(), window = c.windowed(40, 20, 2, {100, 80});
  const Projected whole = c.project({0.3, 1.2, 4}), part = window.project({0.3, 1.2, 4});
  EXPECT_NEAR(part.u + 0.5, 2 * (whole.u + 0.5 - 40), 1e-9);
  EXPECT_NEAR(part.v + 0.5, 2 * (whole.v + 0.5 - 20), 1e-9);
}

TEST(SynthCamera, AHomographyTakesPixelsFromCameraToCamera) {
  const Pinhole a = camera(0.05, 0.02), b = camera(-0.1, 0.04);
  const auto h = homography_between(a, b);
  const Vec3 world{0.4, 1.1, 6};
  const Projected in_a = a.project(world), in_b = b.project(world);
  const double w = h[6] * in_a.u + h[7] * in_a.v + h[8];
  EXPECT_NEAR((h[0] * in_a.u + h[1] * in_a.v + h[2]) / w, in_b.u, 1e-6);
  EXPECT_NEAR((h[3] * in_a.u + h[4] * in_a.v + h[5]) / w, in_b.v, 1e-6);
}

TEST(SynthCamera, ALookAtTargetIsInTheMiddle) {
  const Pinhole c = looking_at({1, 4, -2}, {0, 1, 3}, 1.0, {64, 64});
  const Projected middle = c.project({0, 1, 3});
  EXPECT_NEAR(middle.u, 31.5, 1.0);
  EXPECT_NEAR(middle.v, 31.5, 1.0);
}

TEST(ShadowMap, WhatIsBehindTheMeshGetsNoLight) {
  Mesh mesh;  // a square metre, level, two metres above the floor
  for (const auto& [x, z] : {std::pair{-0.5, 2.5}, {0.5, 2.5}, {0.5, 3.5}, {-0.5, 3.5}}) {
    Vertex vertex;
    vertex.position = {x, 2, z};
    mesh.vertices.push_back(vertex);
  }
  mesh.triangles = {{0, 1, 2}, {0, 2, 3}};
  const ShadowMap map(mesh, {0, 6, 3}, {128, 128});
  EXPECT_EQ(map.blocked({0, 0, 3}, 0.02), 1);
  EXPECT_EQ(map.blocked({0, 3, 3}, 0.02), 0) << "between lamp and mesh";
  EXPECT_EQ(map.blocked({2, 0, 3}, 0.02), 0) << "beside it";
  EXPECT_EQ(map.blocked({0, 2, 3}, 0.02), 0) << "the mesh itself";
  // At half the way from lamp to floor, the shadow is half as wide again as the mesh.
  EXPECT_EQ(map.blocked({0.7, 0, 3}, 0.02), 1);
  EXPECT_EQ(map.blocked({0.8, 0, 3}, 0.02), 0);
}

}  // namespace
}  // namespace retime::synth
