#include "model/uv/uv_score.hpp"

#include <algorithm>
#include <numeric>

#include "model/state/model_state.hpp"

namespace retime {
namespace {

constexpr int kScoredTogether = 16;

std::vector<int> numbers(int first, int count) {
  std::vector<int> result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), first);
  return result;
}

}  // namespace

UvScore score_uv(UvNetwork& network, const UvPairSource& source, int count, int size, torch::Device device) {
  const torch::NoGradGuard guard;
  network->eval();
  auto sums = torch::zeros({5}, torch::TensorOptions(device).dtype(torch::kDouble));  // right, uv, body, both, either
  for (int first = 0; first < count; first += kScoredTogether) {
    const auto batch = make_uv_batch(source, 0, numbers(first, std::min(kScoredTogether, count - first)), size);
    const auto iuv = batch.iuv.to(device);
    const auto prediction = network->forward(batch.planes.to(device));
    const auto part = uv_sums(prediction, iuv, batch.weight.to(device));
    const auto told = prediction.parts.argmax(1) > 0, body = iuv.select(1, 0) > 0;
    sums += torch::stack(
        {part.right, part.uv, part.body, (told & body).sum().to(torch::kFloat), (told | body).sum().to(torch::kFloat)});
  }
  const auto read = sums.to(torch::kCPU);
  const auto value = [&](int i) { return read[i].item<double>(); };
  return {value(0) / value(2), value(1) / value(2), value(3) / value(4)};
}

void settle_statistics(UvNetwork& network, const UvConfig& config, const UvPairSource& source, torch::Device device) {
  const int batch = config.train.batch_frames;
  estimate_statistics(*network, config.model(), config.pairs / batch, [&](int step) {
    network->forward(make_uv_batch(source, 0, numbers(step * batch, batch), config.size).planes.to(device));
  });
}

}  // namespace retime
