#include "model/fit/clip_observation.hpp"

#include <vector>

#include "model/layers/attribution.hpp"
#include "model/scene/batch.hpp"

namespace retime {
namespace {

constexpr int kObservedFrames = 240;    // tell where effects lie
constexpr int kObservationRounds = 12;  // of expectation maximisation

// Every so many frames of the clip, as far as this rank has them.
std::vector<int> observed_frames(const SceneData& data, int stride) {
  std::vector<int> frames;
  const int first = data.first_frame(), end = first + data.frame_count();
  for (int t = (first + stride - 1) / stride * stride; t < end; t += stride) frames.push_back(t);
  return frames;
}

std::vector<int> repeated(const std::vector<int>& frames, int times) {
  std::vector<int> result;
  for (int i = 0; i < times; ++i) result.insert(result.end(), frames.begin(), frames.end());
  return result;
}

}  // namespace

void observe_textures(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives) {
  const torch::NoGradGuard guard;
  auto sums = model.textures()->empty_sums();
  const auto frames = observed_frames(data, 1);
  data.expect(frames);
  for (const int t : frames) {
    const auto batch = make_batch(data, {t}, {}, true);
    auto weight = (batch.trimap > 0.75).to(torch::kFloat) * batch.slot_weight.view({-1, 1, 1, 1});
    if (batch.visibility.defined())
      weight = weight * matte_trust(batch.visibility).known * (batch.matte.slice(1, 3, 4) > 0.9);
    model.textures()->splat(sums, batch.slot_object, batch.iuv, batch.frames.index_select(0, batch.slot_frame), weight);
  }
  model.set_texture_colors(collectives.sum(sums));
}

void observe_effects(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives) {
  const torch::NoGradGuard guard;
  const int stride = (data.clip_frames() + kObservedFrames - 1) / kObservedFrames;
  const auto frames = observed_frames(data, stride);
  model.effects()->start();
  for (int round = 0; round < kObservationRounds; ++round) {
    auto sums = model.effects()->empty_sums();
    data.expect(repeated(frames, round + 1 < kObservationRounds ? 2 : 1));
    for (const int t : frames) model.effects()->add(make_batch(data, {t}, {}, true), sums);
    model.effects()->update(collectives.sum(sums));
  }
}

}  // namespace retime
