#include "model/fit/clip_observation.hpp"

#include <vector>

#include "model/layers/attribution.hpp"
#include "model/layers/composite.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"

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

constexpr double kGray = 0;  // of [-1, 1]

int busiest_frame(const SceneData& data) {
  int best = data.first_frame(), most = -1;
  for (int t = data.first_frame(); t < data.first_frame() + data.frame_count(); ++t) {
    int present = 0;
    for (int n = 0; n < data.object_count(); ++n) present += data.is_present(n, t);
    if (present > most) {
      most = present;
      best = t;
    }
  }
  return best;
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

Image preview_picture(LayeredModel model, const SceneData& data) {
  const torch::NoGradGuard guard;
  const bool training = model->is_training();
  model->eval();
  const auto batch = make_batch(data, {busiest_frame(data)}, {}, model->options().skip_absent);
  const auto output = model->forward(batch, false);
  model->train(training);

  const auto layers = stack_layers(output.slots, batch);
  std::vector<torch::Tensor> pictures{batch.frames[0], over(output.background, layers)[0], output.background[0]};
  const auto gray = torch::full_like(output.background, kGray);
  for (std::int64_t n = 0; n < layers.size(1); ++n) pictures.push_back(over(gray, layers.slice(1, n, n + 1))[0]);
  return to_image((torch::cat(pictures, 2) + 1) * 127.5);
}

}  // namespace retime
