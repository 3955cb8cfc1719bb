#pragma once

#include <functional>
#include <future>
#include <vector>

#include "dist/torch.hpp"
#include "format/image.hpp"
#include "model/config/uv_config.hpp"
#include "model/fit/fit_task.hpp"
#include "model/step/fit_ranks.hpp"
#include "model/uv/uv_network.hpp"

namespace retime {

/// A body's joints in pixels of the network's picture, and the map that they are to give.
struct UvPair {
  CocoJoints joints;
  Image iuv;  ///< [S, S, 3] part, U * 255, V * 255
};

/// Pair `index` of an epoch: a pure function, called from several threads.
using UvPairSource = std::function<UvPair(int epoch, int index)>;

/// Pairs as the network takes them, on the host.
struct UvBatch {
  torch::Tensor planes;  ///< [B, kJointPlanes, S, S]
  torch::Tensor iuv;     ///< [B, 3, S, S] uint8
  torch::Tensor weight;  ///< [B] 0 for places that are empty, otherwise 1
};
/// `indices`: -1 for places that are empty.
UvBatch make_uv_batch(const UvPairSource& source, int epoch, const std::vector<int>& indices, int size);

/// How far a prediction is from the truth, summed over pixels.
struct UvSums {
  torch::Tensor cross_entropy;  ///< over all pixels; those of the body count three times
  torch::Tensor uv;             ///< absolute errors of U and V in the true part, over pixels of the body
  torch::Tensor right;          ///< pixels of the body whose part is right
  torch::Tensor body, all;      ///< pixels
};
/// `iuv` [B, 3, S, S] uint8 and `weight` [B], on the prediction's device.
UvSums uv_sums(const UvPrediction& prediction, const torch::Tensor& iuv, const torch::Tensor& weight);

/// The training of the keypoint-to-UV network: cross-entropy of the parts and L1 of U and V inside the true part
/// ([0098]), on pairs that are drawn while the step before is computed. Each epoch has pairs of its own.
class UvTask final : public FitTask {
 public:
  UvTask(const UvConfig& config, UvPairSource source, const FitRanks& ranks);
  ~UvTask() override;

  FitPlan plan() const override;
  torch::nn::Module& module() override { return *network_; }
  double learning_rate(std::int64_t step, int epoch) const override;
  void begin_epoch(int epoch, const std::vector<int>& coming) override;
  StepLoss loss(const StepFrames& frames, int epoch) override;
  EpochReport end_epoch(const EpochEnd& end) override;
  Checkpoint checkpoint(const FitPosition& at, const FusedAdam& optimizer) const override;
  Restored restore(const Checkpoint& checkpoint, const std::filesystem::path& file, FusedAdam& optimizer) override;

 private:
  struct Drawn {
    int epoch = -1;
    std::vector<int> indices;
    std::future<UvBatch> batch;
  };
  UvBatch take(int epoch, const std::vector<int>& indices);
  void draw_ahead(int epoch, const std::vector<int>& indices);

  UvConfig config_;
  UvPairSource source_;
  const FitRanks& ranks_;
  UvNetwork network_;
  Drawn drawn_;
};

/// How well a network tells bodies from their joints, over many pairs.
struct UvScore {
  double part_accuracy = 0;   ///< share of a body's pixels whose part is right
  double uv_error = 0;        ///< mean absolute error of U and V, over a body's pixels, in the true part
  double silhouette_iou = 0;  ///< of the pixels that are told to be a body
};

/// Over the first `count` pairs of `source` (epoch 0). The network is left in evaluation mode.
UvScore score_uv(UvNetwork& network, const UvPairSource& source, int count, int size, torch::Device device);

/// Gives the network's norms the statistics of its weights as they are, over `batches` batches of `batch` pairs, as
/// rendering wants them, and leaves it in evaluation mode. Every rank computes them alone.
void settle_statistics(UvNetwork& network, const UvConfig& config, const UvPairSource& source, torch::Device device);

}  // namespace retime
