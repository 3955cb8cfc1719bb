#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "post/compose/layer_source.hpp"

namespace retime {

/// The grain of a clip's background: residuals of a few frames spread over the clip, where nobody stands. Which of them
/// an output frame takes depends on its number alone.
class GrainBank {
 public:
  /// Reads what the layers miss of the source frame `frame`.
  using Read = std::function<void(int frame, FrameResidual&)>;
  GrainBank(const LayerSourceInfo& info, const Read& read);

  /// The grain of one output frame, which has the camera of source frame `view`.
  class Frame {
   public:
    Frame(const GrainBank& bank, int output_frame, int view);
    /// What to add to the three channels of a pixel; null where no frame of the bank tells.
    const std::int8_t* at(int x, int y) const;

   private:
    const std::int8_t* in(std::size_t picture, int x, int y) const;
    const std::int8_t* near(int x, int y) const;

    const GrainBank& bank_;
    std::size_t first_;
    std::vector<Homography> bank_from_view_;  ///< empty: the camera stands still
  };

 private:
  void take(const FrameResidual& residual);

  const LayerSourceInfo& info_;
  std::vector<int> frames_;
  std::vector<std::vector<std::int8_t>> grain_;  ///< [H, W, 3] for each frame, kNone in the first channel: no grain
};

}  // namespace retime
