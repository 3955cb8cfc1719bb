#include <gtest/gtest.h>

#include "synth/figure/body.hpp"
#include "synth/figure/figure.hpp"
#include "synth/figure/gait.hpp"
#include "synth/set/stage.hpp"

namespace retime::synth {
namespace {

Stage stage_of(const std::string& scene, int seed = 3) {
  SynthOptions options;
  options.scene = scene;
  options.seed = seed;
  return make_stage(options);
}

TEST(SynthPose, StandingFeetDoNotSlide) {
  const Stage stage = stage_of("shadows");
  const Performer& p = stage.figures[0].performer;
  for (double t = 0.3; t < 3; t += 0.02) {
    const double phase = stride_phase(p, kLeft, t), f = phase - std::floor(phase);
    if (f < 0.15 || f > 0.3) continue;  // flat on the floor in this part of a stride
    const FootState now = walking_foot(p, kLeft, t), before = walking_foot(p, kLeft, t - 0.02);
    EXPECT_LT(norm(now.place - before.place), 2e-3) << "at " << t;
    EXPECT_NEAR(now.lift, 0, 1e-6);
  }
}

TEST(SynthPose, BonesKeepTheirLengths) {
  for (const char* scene : {"shadows", "order", "dance", "splash"})
    for (const Figure& figure : stage_of(scene).figures)
      for (double t = 0; t < 3.3; t += 0.11) {
        const Build& b = figure.performer.build;
        const Pose pose = pose_at(figure.performer, t);
        for (const Side side : {kLeft, kRight}) {
          EXPECT_NEAR(norm(pose.knee[side] - pose.hip[side]), b.thigh, 1e-6) << scene << t;
          EXPECT_NEAR(norm(pose.ankle[side] - pose.knee[side]), b.shin, 1e-6) << scene << t;
          EXPECT_NEAR(norm(pose.wrist[side] - pose.elbow[side]), b.forearm, 1e-6) << scene << t;
        }
      }
}

TEST(SynthPose, NobodyFloatsOrSinks) {
  for (const char* scene : {"shadows", "reflections", "order", "camera"})
    for (const Figure& figure : stage_of(scene).figures)
      for (double t = 0; t < 3.3; t += 0.11) {
        double lowest = 1;
        for (const Vertex& v : body_mesh(figure, t).vertices) lowest = std::min(lowest, v.position.y);
        EXPECT_GT(lowest, -0.03) << scene << " at " << t;
        EXPECT_LT(lowest, 0.03) << scene << " at " << t;
      }
}

TEST(SynthPose, PeopleDoNotRunIntoEachOther) {
  SynthOptions options;
  for (const char* scene : {"shadows", "reflections", "order", "camera", "splash", "dance"})
    for (const int frames : {40, 150})
      for (options.seed = 1; options.seed <= 3; ++options.seed) {
        options.scene = scene;
        options.frames = frames;
        const Stage stage = make_stage(options);
        for (double t = 0; t < frames / 12.0; t += 0.1)
          for (std::size_t i = 0; i < stage.figures.size(); ++i) {
            const std::size_t other = (i + 1) % stage.figures.size();
            const Vec3 a = stage.figures[i].performer.path.at_time(t).position;
            const Vec3 b = stage.figures[other].performer.path.at_time(t).position;
            EXPECT_GT(norm(a - b), 0.6) << scene << options.seed << " at " << t;
            EXPECT_LT(std::abs(a.x), 2.6) << scene << options.seed << " leaves the picture at " << t;
          }
      }
}

TEST(SynthPose, NormalsPointOutwards) {
  const Stage stage = stage_of("shadows");
  const Pose pose = pose_at(stage.figures[0].performer, 1.0);
  int outward = 0, all = 0;
  const Mesh mesh = body_mesh(stage.figures[0], 1.0);
  for (const Triangle& t : mesh.triangles) {
    if (t.limb != Limb::kTorso) continue;
    const Vertex& v = mesh.vertices[static_cast<std::size_t>(t.a)];
    outward += dot(v.normal, v.position - mix(pose.pelvis, pose.neck, 0.5)) > 0;
    ++all;
  }
  EXPECT_GT(outward, 0.9 * all);
}

TEST(SynthPose, PartsCoverTheBodyOnce) {
  EXPECT_EQ(part_point(Limb::kTorso, 0.5, 0.5).part, 2);
  EXPECT_EQ(part_point(Limb::kTorso, 0.02, 0.5).part, 1);
  EXPECT_EQ(part_point(Limb::kRightLeg, 0.5, 0.2).part, 9);
  EXPECT_EQ(part_point(Limb::kLeftLeg, 0.0, 0.9).part, 12);
  EXPECT_EQ(part_point(Limb::kSkirt, 0.5, 0.5).part, 0);
  for (const double around : {0.0, 0.2, 0.5, 0.8, 1.0})
    for (const double along : {0.0, 0.49, 0.51, 1.0})
      for (int limb = 0; limb <= static_cast<int>(Limb::kRightFoot); ++limb) {
        const PartPoint p = part_point(static_cast<Limb>(limb), around, along);
        EXPECT_TRUE(p.part >= 1 && p.part <= 24 && p.u >= 0 && p.u <= 1 && p.v >= 0 && p.v <= 1);
      }
}

}  // namespace
}  // namespace retime::synth
