#pragma once

#include <vector>

#include "core/options.hpp"

namespace retime {

enum class MaskLoss { kNone, kPatent, kReleased };

/// When the weight of the mask loss steps down.
enum class MaskSchedule {
  kEpochs,     ///< at fixed epochs
  kThreshold,  ///< once the mask error is small
};

/// The alphas that are kept sparse.
enum class SparsityKind { kPerLayer, kComposite, kCompositeSquared };

/// Which loss terms a fit uses and how their weights change over epochs. The published text and the released code
/// differ in most of these; configs/patent.cfg and configs/released.cfg name the two readings.
struct LossOptions {
  MaskLoss mask_loss = MaskLoss::kNone;
  MaskSchedule mask_schedule = MaskSchedule::kEpochs;
  std::vector<double> mask_weights{50, 5, 0};  ///< one after the other
  std::vector<double> mask_epochs{50, 100};    ///< last epochs of the first and second weight (schedule "epochs")
  double mask_threshold = 0.02;                ///< mask error below which the first weight ends (schedule "threshold")
  double matting_weight = 5;                   ///< pull towards the difference mattes, falling linearly ...
  int matting_epochs = 0;                      ///< ... to zero at this epoch; 0: it stays
  SparsityKind sparsity = SparsityKind::kPerLayer;
  double sparsity_weight = 0;     ///< beta
  double sparsity_l1 = 2;         ///< gamma ...
  int sparsity_l1_epochs = 200;   ///< ... up to this epoch, 0 after
  double claim_weight = 1;        ///< of whose contested effects are (layer-output completion)
  double variation_weight = 0.1;  ///< of the background's change over time (background-modes)

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// Weights of the loss terms in one epoch.
struct LossWeights {
  double mask = 0;
  double matting = 0;
  double variation = 0;
  double claim = 0;
  double sparsity = 0;
  double sparsity_l1 = 0;
};

/// The schedule of the loss weights ([0093]): a pure function of the epoch and of the epoch at which the mask error
/// fell below the threshold, which belongs into the checkpoint.
class LossSchedule {
 public:
  explicit LossSchedule(const LossOptions& options) : options_(options) {}
  /// `epoch` counts from 0.
  LossWeights weights(int epoch) const;
  /// Tells the schedule the mean mask error of a finished epoch.
  void observe(int epoch, double mask_error);
  int threshold_epoch() const { return threshold_epoch_; }
  void set_threshold_epoch(int epoch) { threshold_epoch_ = epoch; }

 private:
  double mask_weight(int epoch) const;
  LossOptions options_;
  int threshold_epoch_ = -1;
};

}  // namespace retime
