#include "model/layers/detail_transfer.hpp"

#include "model/layers/composite.hpp"

namespace retime {
namespace {

constexpr double kBackgroundPriority = 0.05;
// A difference of this much may go to the background: it is noise, not a trace of an object.
constexpr double kTolerance = 4.0 / 255;
// Objects fainter than this leave a pixel to the background.
constexpr double kSeenThrough = 0.02;
// Alphas between which a layer begins to take detail: fainter ones would take the noise of what they lie over.
constexpr double kFaint = 0.02, kSeen = 0.3;
// See `least_alpha`, for layers whose rest lies beside them; as for difference mattes.
constexpr double kLittleRoom = 24.0 / 255;
// What is missed by more than this is no rest of anything, and would not fit a signed byte beside the layers.
constexpr double kLargestRest = 120.0 / 255;

// The least alpha with which some colour in [0, 1] gives `target` over what is behind, which may be off by the
// tolerance. Where that leaves no more than `little_room` for a change, a difference of a few levels, noise on black,
// would need much alpha: there it is half of that, and less with less room. Both are [3, H, W]; returns [1, H, W].
torch::Tensor least_alpha(const torch::Tensor& target, const torch::Tensor& behind, double little_room) {
  const auto under = behind + (target - behind).clamp(-kTolerance, kTolerance);
  const auto room = torch::where(target < under, under, 1 - under).clamp_min(1e-3);
  const auto trust = 1 / (1 + torch::pow(little_room / room, 4));
  return (trust * (target - under).abs() / room).amax(0, true).clamp(0, 1);
}

// Raises the alpha of the object that a pixel shows most of, where it is too small to explain the frame.
torch::Tensor raised_alphas(const torch::Tensor& frame, const torch::Tensor& background, const torch::Tensor& layers,
                            double little_room) {
  const auto stack = torch::cat({layers.slice(1, 0, 3).clamp(0, 1), quantize(layers.slice(1, 3, 4))}, 1);
  const auto colors = stack.slice(1, 0, 3);
  auto alphas = stack.slice(1, 3, 4);
  const auto weights = over_weights(alphas.squeeze(1).unsqueeze(0))[0].slice(0, 1);
  const auto dominant = weights.size(0) > 0 ? weights.argmax(0, true) : torch::Tensor();
  auto front = torch::zeros_like(frame), through = torch::ones_like(frame.slice(0, 0, 1));
  for (std::int64_t n = alphas.size(0); n-- > 0;) {
    const auto behind = over(background, stack.slice(0, 0, n));
    const auto target = ((frame - front) / through.clamp_min(kSeenThrough)).clamp(0, 1);
    const auto needed = torch::ceil(least_alpha(target, behind, little_room) * 255) / 255;
    const auto raised = torch::maximum(alphas[n], needed);
    alphas[n] = torch::where((dominant == n).logical_and(alphas[n] > kSeenThrough), raised, alphas[n]);
    front = front + through * alphas[n] * colors[n];
    through = through * (1 - alphas[n]);
  }
  return alphas;
}

DetailedLayers transfer_published(const torch::Tensor& frame, const torch::Tensor& background,
                                  const torch::Tensor& layers, bool to_background) {
  const auto alphas = layers.slice(1, 3, 4);
  const auto weights = over_weights(alphas.squeeze(1).unsqueeze(0))[0].unsqueeze(1);
  const auto colors = torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)});
  const auto residual = frame - (weights * colors).sum(0);
  std::vector<torch::Tensor> detailed;
  auto through = torch::ones_like(frame.slice(0, 0, 1));
  for (std::int64_t n = colors.size(0); n-- > 0;) {
    const bool takes = n > 0 || to_background;
    detailed.insert(detailed.begin(), takes ? colors[n] + through * residual : colors[n]);
    if (n > 0) through = through * (1 - alphas[n - 1]);
  }
  return {quantize(torch::stack(detailed)), quantize(alphas)};
}

}  // namespace

DetailedLayers detailed_layers(DetailTransfer kind, const torch::Tensor& frame, const torch::Tensor& background,
                               const torch::Tensor& layers) {
  if (kind == DetailTransfer::kBeside) return transfer_to_objects(frame, background, layers);
  if (kind == DetailTransfer::kExact) return transfer_detail(frame, background, layers);
  if (kind == DetailTransfer::kNone)
    return {quantize(torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)})), quantize(layers.slice(1, 3, 4))};
  return transfer_published(frame, background, layers, kind == DetailTransfer::kPublished);
}

torch::Tensor quantize(const torch::Tensor& values) { return (values.clamp(0, 1) * 255).round() / 255; }

DetailedLayers transfer_detail(const torch::Tensor& frame, const torch::Tensor& background,
                               const torch::Tensor& layers) {
  const auto alphas = raised_alphas(frame, background.clamp(0, 1), layers, 0);
  const auto weights = over_weights(alphas.squeeze(1).unsqueeze(0))[0].unsqueeze(1);
  auto priority = torch::ones({weights.size(0), 1, 1, 1}, weights.options());
  priority[0] = kBackgroundPriority;
  auto colors = torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)}).clamp(0, 1);
  // Colours end at 0 and 1. Each round takes up the residual or brings one more layer to an end; the others share the
  // rest.
  for (std::int64_t round = 0; round < colors.size(0); ++round) {
    const auto residual = frame - (weights * colors).sum(0);
    const auto room = torch::where(residual > 0, 1 - colors, colors) > 0;
    const auto share = priority * weights * room;
    colors = (colors + share * residual / (share * weights).sum(0, true).clamp_min(1e-6)).clamp(0, 1);
  }
  return {quantize(colors), alphas};
}

DetailedLayers transfer_to_objects(const torch::Tensor& frame, const torch::Tensor& background,
                                   const torch::Tensor& layers) {
  const auto alphas = raised_alphas(frame, background, layers, kLittleRoom);
  const auto weights = over_weights(alphas.squeeze(1).unsqueeze(0))[0].unsqueeze(1);
  auto colors = torch::cat({background.unsqueeze(0), layers.slice(1, 0, 3)}).clamp(0, 1);
  auto seen = torch::zeros_like(weights);
  seen.slice(0, 1).copy_(((alphas - kFaint) / (kSeen - kFaint)).clamp(0, 1));
  // The residual is theirs as far as the pixel is; it is split as in `transfer_detail`.
  const auto share = seen * weights;
  const auto residual = share.sum(0, true) * (frame - (weights * colors).sum(0));
  colors = quantize(colors + share * residual / (share * weights).sum(0, true).clamp_min(1e-6));
  const auto rest = (frame - (weights * colors).sum(0)).abs().amax(0, true);
  const auto is_large = rest > kLargestRest;
  if (!is_large.any().item<bool>()) return {colors, alphas};
  const auto exact = transfer_detail(frame, background, layers);
  return {torch::where(is_large, exact.colors, colors), torch::where(is_large, exact.alphas, alphas)};
}

}  // namespace retime
