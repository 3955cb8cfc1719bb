#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "format/image.hpp"
#include "post/compose/shares.hpp"

namespace retime {

// Measures of how far one 8-bit video is from another. All accumulate over frames, so that a video has one number.
// `sum_over` joins what the processes have that share the frames; all of them call it. Masks are pictures of one
// channel, set where not 0.

/// What PSNR and others call no difference at all, in dB.
inline constexpr double kPsnrOfEqual = 100;

/// Peak signal-to-noise ratio from the squared error pooled over all pixels, channels and frames.
class SquaredError {
 public:
  /// Compares `a` and `b` [H, W, C], where `mask` is set if there is one.
  void add(const Image& a, const Image& b, const Image* mask = nullptr);
  void sum_over(const FrameParts& parts);
  /// In dB, at most kPsnrOfEqual; nothing if no pixel was compared.
  std::optional<double> psnr() const;

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// Mean structural similarity of two RGB pictures on luma (BT.601): Wang et al. 2004, Gaussian window of 11x11 with
/// sigma 1.5 wholly inside the picture, K1 = 0.01, K2 = 0.03. Throws Error for pictures smaller than the window.
double ssim(const Image& a, const Image& b);

/// Largest and mean absolute difference in levels of 255.
class LevelDifference {
 public:
  void add(int frame, const Image& a, const Image& b);
  void sum_over(const FrameParts& parts);
  int max() const { return max_; }
  /// First frame that has `max`.
  int worst_frame() const { return worst_frame_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

 private:
  int max_ = 0, worst_frame_ = 0;
  std::int64_t sum_ = 0, count_ = 0;
};

/// How the error of a video changes from frame to frame: mean over t >= 1 of |e(t) - e(t - 1)| in levels.
class Flicker {
 public:
  /// e = estimate - truth, [H, W, C]; without truth the video itself.
  void add(const Image& estimate, const Image* truth = nullptr);
  /// Takes a frame as the one before the first.
  void start(const Image& estimate, const Image* truth = nullptr);
  void sum_over(const FrameParts& parts);
  std::optional<double> value() const;

 private:
  std::vector<std::int16_t> last_;
  std::int64_t sum_ = 0, count_ = 0;
};

/// Mask of the pixels of `a` and `b` [H, W, C] that differ by more than `levels` in some channel.
Image differs(const Image& a, const Image& b, int levels);

/// Mask of the pixels of `picture` [H, W, C] whose `channel` is above `limit`.
Image above(const Image& picture, int channel, int limit);

/// The mask grown by a square: set where some pixel at most `radius` away in x and in y is set.
Image dilated(const Image& mask, int radius);

/// Adds the pixels of `other` to `mask`.
void unite(Image& mask, const Image& other);

}  // namespace retime
