#include "post/compose/frame_transfer.hpp"

#include "post/compose/relight.hpp"
#include "post/compose/warp.hpp"

namespace retime {

bool FrameTransfer::changes(int from, int to) const {
  return from != to && (camera_moves() || !info_.lighting.gain.empty());
}

Image FrameTransfer::operator()(const Image& rgba, int from, int to, int threads) const {
  Homography source_from_output = kIdentityHomography;
  if (camera_moves())
    source_from_output = product(info_.frame_from_plane.at(static_cast<std::size_t>(from)),
                                 inverse(info_.frame_from_plane.at(static_cast<std::size_t>(to))));
  Image result = camera_moves() ? warp_layer(rgba, source_from_output, threads) : rgba;
  if (!info_.lighting.gain.empty()) relight_layer(result, info_.lighting, from, to, source_from_output, threads);
  return result;
}

}  // namespace retime
