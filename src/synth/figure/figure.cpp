#include "synth/figure/figure.hpp"

#include "synth/figure/body.hpp"

namespace retime::synth {

Mesh body_mesh(const Figure& figure, double time_s) {
  Mesh mesh;
  add_body(mesh, figure.performer.build, pose_at(figure.performer, time_s));
  return mesh;
}

Mesh figure_mesh(const Figure& figure, double time_s) {
  Mesh mesh = body_mesh(figure, time_s);
  add_loose(mesh, figure.performer, figure.outfit, pose_at(figure.performer, time_s), time_s);
  return mesh;
}

}  // namespace retime::synth
