#include "model/fit/preview.hpp"

#include <vector>

#include "model/layers/composite.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"

namespace retime {
namespace {

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
