#pragma once

#include <string>
#include <vector>

#include "core/options.hpp"
#include "ranks/device_choice.hpp"
#include "ranks/stop_signal.hpp"

namespace retime {

enum class NormKind { kBatch, kSyncBatch, kInstance, kGroup };
inline const Choices<NormKind> kNorms{{"batch", NormKind::kBatch},
                                      {"sync_batch", NormKind::kSyncBatch},
                                      {"instance", NormKind::kInstance},
                                      {"group", NormKind::kGroup}};
/// Whether a norm takes its statistics over the rows of a batch, and running averages in rendering.
constexpr bool is_batch_norm(NormKind kind) { return kind == NormKind::kBatch || kind == NormKind::kSyncBatch; }

enum class FirstActivation { kRelu, kLeaky };
enum class OutputConvolution { kConv, kTranspose };

/// What layer 0 is.
enum class BackgroundKind {
  kPlate,   ///< a learnable picture
  kNeural,  ///< a texture seen through the renderer
};
inline const Choices<BackgroundKind> kBackgrounds{{"plate", BackgroundKind::kPlate},
                                                  {"neural", BackgroundKind::kNeural}};

/// How the network makes the layers.
enum class LayerOutputKind {
  kDirect,      ///< it paints each layer
  kCorrection,  ///< it corrects the layer's difference matte
  kCompletion,  ///< it paints what the matte does not know
};
inline const Choices<LayerOutputKind> kLayerOutputs{{"direct", LayerOutputKind::kDirect},
                                                    {"correction", LayerOutputKind::kCorrection},
                                                    {"completion", LayerOutputKind::kCompletion}};

/// What the model is: changing any of these makes another network, which an older checkpoint does not fit.
struct ModelOptions {
  int width = 16;  ///< channels after the first convolution (published: 64)
  NormKind norm = NormKind::kGroup;
  int bottleneck_dilation = 2;                                      ///< released code: 2, patent text: 1
  FirstActivation first_activation = FirstActivation::kRelu;        ///< released code: relu, patent text: leaky
  OutputConvolution output_convolution = OutputConvolution::kConv;  ///< released code: conv, patent text: transpose
  int texture_channels = 16;
  int texture_size = 32;             ///< texels along each side of a body part's tile
  int background_texture_size = 16;  ///< texels along each side of the neural background
  bool object_id = false;            ///< released code: one more input channel, the object's number on its body
  BackgroundKind background = BackgroundKind::kPlate;
  LayerOutputKind layer_output = LayerOutputKind::kCompletion;
  int background_modes = 0;  ///< pictures that let the background change smoothly over time; 0: none
  /// textures start from the colours seen in the frames, in their first three channels; where the network paints a
  /// body (completion), it changes these
  bool observed_textures = true;
  bool effect_prior = true;  ///< whose effects are is told by where each object's lie over the clip
  bool skip_absent = true;   ///< do not render an object in frames it is not in

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

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

/// Random changes of the frames that a step sees.
struct AugmentationOptions {
  double probability = 0.75;
  double max_scale = 1.25;
  double brightness_sigma = 0;  ///< in units of [-1, 1] ...
  int brightness_epochs = 0;    ///< ... in the first epochs
  /// Of a piece of an object being hidden from the network (layer-output completion).
  double occlusion_probability = 0.75;
};

/// What a fit goes on from.
enum class ResumeFrom { kNewest, kNothing, kFile };

/// How a model is fitted.
struct TrainOptions {
  int epochs = 60;
  int batch_frames = 2;  ///< frames in a global batch, over all ranks
  double learning_rate = 2e-3;
  double plate_learning_rate = 0.02;  ///< of the plate, as a share of `learning_rate`
  int warmup_steps = 50;
  int decay_epochs = 60;  ///< the learning rate falls along a half cosine to a tenth at this epoch; 0: never
  int seed = 1;
  AugmentationOptions augmentation;
  int checkpoint_epochs = 20;  ///< epochs between checkpoints
  int keep_checkpoints = 2;    ///< newest ones that are kept
  int keep_every = 0;          ///< epochs; checkpoints of their multiples are kept for good; 0: none
  int preview_epochs = 20;     ///< epochs between preview pictures; 0: none
  bool bf16 = false;           ///< convolutions in bfloat16
  DeviceChoice device = DeviceChoice::kAuto;
  std::string resume = "auto";  ///< auto, none or a checkpoint file
  double cache_gib = 0;         ///< memory of a rank for frames and maps, see `cache_budget`
  double max_seconds = 0;       ///< stop after this time with a checkpoint; 0: no limit
  double job_end_margin = 120;  ///< seconds; stop this long before the Slurm job ends; 0: do not look
  int skip_nonfinite = 5;       ///< steps in a row that may be left out because their loss is not finite

  void add_to(OptionTable& table);
  /// Only the options that every fit has, whatever it is of.
  void add_engine_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
  /// What `resume` says: the newest valid checkpoint of the run, nothing, or the file that it names.
  ResumeFrom resume_from() const;
  /// What ends the fit early with a save.
  StopLimits stop_limits() const { return {.max_seconds = max_seconds, .job_end_margin_s = job_end_margin}; }
  /// Learning rate of a step: warm-up, then the half cosine over epochs.
  double learning_rate_at(std::int64_t step, int epoch) const;
};

}  // namespace retime
