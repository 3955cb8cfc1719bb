#include "model/step/fit_ranks.hpp"

#include <algorithm>
#include <vector>

#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

constexpr std::uint64_t kOdd = 0x2545f4914f6cdd1d;  // any odd number: multiplying by it loses nothing

// The first rank whose number is not that of rank 0, as "rank 2 on host h"; empty when all have the same.
std::string odd_rank(std::int64_t number, const Communicator& communicator) {
  if (communicator.all_reduce(number, Reduction::kMin) == communicator.all_reduce(number, Reduction::kMax)) return {};
  const auto numbers = communicator.all_gather(number);
  const auto odd = std::find_if(numbers.begin(), numbers.end(), [&](auto other) { return other != numbers[0]; });
  const auto rank = static_cast<int>(odd - numbers.begin());
  return "rank " + std::to_string(rank) + " on host " + communicator.broadcast(communicator.host(), rank);
}

}  // namespace

std::int64_t parameter_digest(const torch::nn::Module& module) {
  const torch::NoGradGuard guard;
  std::vector<torch::Tensor> sums;
  for (const auto& parameter : module.parameters()) {
    const auto bits = parameter.detach().to(torch::kFloat).contiguous().view({-1}).view(torch::kInt).to(torch::kLong);
    const auto place = torch::arange(1, bits.numel() + 1, bits.options());
    sums.push_back((bits * place * static_cast<std::int64_t>(kOdd)).sum());  // modulo 2^64, in any order
  }
  if (sums.empty()) return 0;
  const auto values = torch::stack(sums).to(torch::kCPU);
  std::uint64_t digest = 0;
  for (std::int64_t i = 0; i < values.size(0); ++i)
    digest = (digest ^ static_cast<std::uint64_t>(values[i].item<std::int64_t>())) * kOdd;
  return static_cast<std::int64_t>(digest);
}

void require_same_parameters(const torch::nn::Module& module, const std::string& when,
                             const Communicator& communicator) {
  if (communicator.size() == 1) return;
  const auto odd = odd_rank(parameter_digest(module), communicator);
  if (!odd.empty())
    throw AgreedError("the ranks' models are no longer the same at " + when + " (" + odd +
                      " has other parameters than rank 0: its memory, device or network may be faulty): nothing of it "
                      "is saved, the same command goes on from the newest checkpoint");
}

Checkpoint read_same_checkpoint(const std::filesystem::path& file, const Communicator& communicator) {
  Checkpoint checkpoint;
  run_on_all_ranks(communicator, [&] { checkpoint = read_checkpoint(file); });
  if (communicator.size() == 1) return checkpoint;
  const auto odd = odd_rank(static_cast<std::int64_t>(digest_of(checkpoint)), communicator);
  if (!odd.empty())
    throw AgreedError("cannot resume from " + file.string() + " (" + odd +
                      " reads another checkpoint there than rank 0): name a file that all nodes share");
  return checkpoint;
}

}  // namespace retime
