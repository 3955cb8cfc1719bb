#include "data/camera/camera_choice.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "data/camera/camera_motion.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/geometry/homographies.hpp"

namespace retime {
namespace {

constexpr int kRefinements = 1;

CameraPath given_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                        const CameraRequest& request) {
  auto camera = read_homographies(request.homographies, training_size, request.first_frame + source.count());
  auto& path = camera.frame_from_plane;
  path.erase(path.begin(), path.begin() + request.first_frame);
  update_bounds(camera, training_size, source.size().width / training_size.width);
  refine_camera(source, tracks, training_size, kRefinements, camera);
  return camera;
}

}  // namespace

CameraPath choose_camera(const FrameSequence& source, const std::vector<MaskTrack>& tracks, Size training_size,
                         const CameraRequest& request) {
  if (request.mode == "static") return {};
  if (!request.homographies.empty()) return given_camera(source, tracks, training_size, request);
  if (request.mode == "auto" && !camera_moves(source, tracks)) return {};
  log_info("the camera moves: estimating its path");
  return estimate_camera(source, tracks, training_size, request.show_progress);
}

void require_still_camera(const FrameSequence& source, const CameraRequest& request) {
  if (request.mode == "static") return;
  if (request.mode == "estimate" || !request.homographies.empty() || camera_moves(source, {}))
    throw Error(
        "moving objects cannot be found by themselves (the camera moves too): give --masks, or say --camera static if "
        "it stands still");
}

}  // namespace retime
