#include "model/config/fit_options.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace retime {
namespace {

constexpr double kFinalRate = 0.1;

bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

void ModelOptions::add_to(OptionTable& table) {
  const std::string section = "model";
  table.add(section, "width", width, "channels after the renderer's first convolution; published: 64");
  table.add_choice(section, "norm", norm, kNorms,
                   "normalisation in the renderer; batch statistics are per rank, sync_batch over all ranks");
  table.add(section, "bottleneck-dilation", bottleneck_dilation, "dilation of the two middle convolutions: 1 or 2");
  table.add_choice(section, "first-activation", first_activation,
                   {{"relu", FirstActivation::kRelu}, {"leaky", FirstActivation::kLeaky}},
                   "after the first convolution");
  table.add_choice(section, "output-convolution", output_convolution,
                   {{"conv", OutputConvolution::kConv}, {"transpose", OutputConvolution::kTranspose}},
                   "the last layer");
  table.add(section, "texture-channels", texture_channels, "channels of the neural textures");
  table.add(section, "texture-size", texture_size, "texels along each side of a body part's tile");
  table.add(section, "background-texture-size", background_texture_size,
            "texels along each side of the neural background texture");
  table.add(section, "object-id", object_id, "give the renderer the object's number, on its body, as one more channel");
  table.add_choice(section, "background", background, kBackgrounds,
                   "layer 0 is a learnable picture, or a neural texture seen through the renderer");
  table.add_choice(
      section, "layer-output", layer_output, kLayerOutputs,
      "the network paints each layer itself, corrects its difference matte, or paints what that does not know");
  table.add(section, "background-modes", background_modes,
            "pictures that let the background change smoothly over time; 0: none");
  table.add(section, "observed-textures", observed_textures,
            "textures start from the colours seen in the frames, in their first three channels; with layer-output "
            "completion the network paints changes to them");
  table.add(section, "effect-prior", effect_prior,
            "whose contested effects are is first told from where each object's effects lie over the whole clip "
            "(layer-output completion)");
  table.add(section, "skip-absent", skip_absent, "render an object only in frames that show it");
}

void ModelOptions::validate() const {
  require(width >= 4 && width <= 512 && width % 4 == 0, "width must be a multiple of 4 from 4 to 512");
  require(bottleneck_dilation == 1 || bottleneck_dilation == 2, "bottleneck-dilation must be 1 or 2");
  require(texture_channels >= 1 && texture_channels <= 256, "texture-channels must be 1 to 256");
  require(texture_size >= 2 && texture_size <= 1024, "texture-size must be 2 to 1024 texels");
  require(background_modes >= 0 && background_modes <= 64, "background-modes must be 0 to 64");
  require(background_texture_size >= 2 && background_texture_size <= 4096,
          "background-texture-size must be 2 to 4096 texels");
}

void LossOptions::add_to(OptionTable& table) {
  const std::string section = "loss";
  table.add_choice(section, "mask-loss", mask_loss,
                   {{"none", MaskLoss::kNone}, {"patent", MaskLoss::kPatent}, {"released", MaskLoss::kReleased}},
                   "bootstraps the alphas from the object masks");
  table.add_choice(section, "mask-schedule", mask_schedule,
                   {{"epochs", MaskSchedule::kEpochs}, {"threshold", MaskSchedule::kThreshold}},
                   "when the weight of the mask loss steps down: at fixed epochs, or once the mask error is small");
  table.add(section, "mask-weights", mask_weights, "three weights of the mask loss, one after the other");
  table.add(section, "mask-epochs", mask_epochs, "last epochs of the first two weights");
  table.add(section, "mask-threshold", mask_threshold, "mask error that ends the first weight");
  table.add(section, "matting-weight", matting_weight, "pull of the layers towards the difference mattes, at first");
  table.add(section, "matting-epochs", matting_epochs, "epoch at which that pull has fallen to zero; 0: it stays");
  table.add_choice(section, "sparsity", sparsity,
                   {{"per_layer", SparsityKind::kPerLayer},
                    {"composite", SparsityKind::kComposite},
                    {"composite_squared", SparsityKind::kCompositeSquared}},
                   "the alphas that are kept sparse");
  table.add(section, "sparsity-weight", sparsity_weight, "weight of the sparsity loss (beta)");
  table.add(section, "sparsity-l1", sparsity_l1, "weight of its L1 part (gamma)");
  table.add(section, "sparsity-l1-epochs", sparsity_l1_epochs, "epochs with the L1 part");
  table.add(section, "claim-weight", claim_weight, "weight of whose contested effects are (layer-output completion)");
  table.add(section, "variation-weight", variation_weight, "weight of the background's change over time");
}

void LossOptions::validate() const {
  require(mask_weights.size() == 3, "mask-weights wants three numbers, as in 50,5,0");
  require(mask_epochs.size() == 2 && mask_epochs[0] <= mask_epochs[1],
          "mask-epochs wants two numbers, the smaller first, as in 50,100");
  for (const double weight : {*std::min_element(mask_weights.begin(), mask_weights.end()), matting_weight,
                              sparsity_weight, sparsity_l1, claim_weight, variation_weight})
    require(weight >= 0, "weights of losses must not be negative");
}

double LossSchedule::mask_weight(int epoch) const {
  const auto& w = options_.mask_weights;
  if (options_.mask_schedule == MaskSchedule::kEpochs)
    return epoch < options_.mask_epochs[0] ? w[0] : epoch < options_.mask_epochs[1] ? w[1] : w[2];
  if (threshold_epoch_ < 0) return w[0];
  return epoch < 2 * threshold_epoch_ ? w[1] : w[2];
}

LossWeights LossSchedule::weights(int epoch) const {
  LossWeights weights;
  if (options_.mask_loss != MaskLoss::kNone) weights.mask = mask_weight(epoch);
  weights.matting = options_.matting_weight;
  if (options_.matting_epochs > 0)
    weights.matting *= std::max(0.0, 1.0 - static_cast<double>(epoch) / options_.matting_epochs);
  weights.variation = options_.variation_weight;
  weights.claim = options_.claim_weight;
  weights.sparsity = options_.sparsity_weight;
  weights.sparsity_l1 = epoch < options_.sparsity_l1_epochs ? options_.sparsity_l1 : 0;
  return weights;
}

void LossSchedule::observe(int epoch, double mask_error) {
  if (threshold_epoch_ < 0 && mask_error < options_.mask_threshold) threshold_epoch_ = epoch + 1;
}

void TrainOptions::add_engine_to(OptionTable& table) {
  const std::string section = "train";
  table.add(section, "epochs", epochs, "passes over the clip (uv train: over as many pairs as --pairs says)");
  table.add(section, "batch-frames", batch_frames, "frames (uv train: pairs) in a step, over all ranks");
  table.add(section, "learning-rate", learning_rate, "step size of Adam");
  table.add(section, "warmup-steps", warmup_steps, "steps over which the learning rate rises from zero");
  table.add(section, "decay-epochs", decay_epochs,
            "epoch at which the learning rate has fallen to a tenth; 0: constant");
  table.add(section, "seed", seed, "of initial values, shuffling and augmentation");
  table.add(section, "checkpoint-epochs", checkpoint_epochs, "epochs between checkpoints");
  table.add(section, "keep-checkpoints", keep_checkpoints, "newest checkpoints that are kept");
  table.add(section, "keep-every", keep_every,
            "checkpoints of every so many epochs are kept for good; 0: none (a multiple of checkpoint-epochs)");
  table.add(section, "bf16", bf16, "convolutions in bfloat16");
  add_device_option(table, section, device);
  table.add(section, "resume", resume, "auto (newest valid checkpoint of the run), none, or a checkpoint file");
  table.add(section, "max-seconds", max_seconds, "save and exit with 75 after this many seconds; 0: no limit");
  table.add(section, "job-end-margin", job_end_margin,
            "do so this many seconds before the Slurm job ends (SLURM_JOB_END_TIME); 0: do not look");
  table.add(section, "skip-nonfinite", skip_nonfinite,
            "steps in a row that are left out, with a warning, when their loss is not finite, before the fit ends");
}

void TrainOptions::add_to(OptionTable& table) {
  const std::string section = "train";
  add_engine_to(table);
  table.add(section, "plate-learning-rate", plate_learning_rate, "step size of the plate, as a share of learning-rate");
  table.add(section, "augment-probability", augmentation.probability, "share of frames that are zoomed and shifted");
  table.add(section, "augment-scale", augmentation.max_scale, "largest zoom");
  table.add(section, "brightness-sigma", augmentation.brightness_sigma, "random brightness, colours in [-1, 1]");
  table.add(section, "brightness-epochs", augmentation.brightness_epochs, "epochs with random brightness");
  table.add(
      section, "occlusion-probability", augmentation.occlusion_probability,
      "share of layers with a piece hidden from the network, which learns to complete them (layer-output completion)");
  table.add(section, "preview-epochs", preview_epochs, "epochs between preview pictures; 0: none");
  table.add(
      section, "cache-gib", cache_gib,
      "memory of a rank for frames and maps, GiB; what does not fit is read when it is needed; 0: 4, on a GPU half of "
      "its free memory");
}

void TrainOptions::validate() const {
  require(epochs >= 1, "epochs must be at least 1");
  require(batch_frames >= 1, "batch-frames must be at least 1");
  require(learning_rate > 0, "learning-rate must be positive");
  require(checkpoint_epochs >= 1, "checkpoint-epochs must be at least 1");
  require(keep_checkpoints >= 1, "keep-checkpoints must be at least 1");
  require(keep_every >= 0, "keep-every must not be negative");
  require(keep_every % checkpoint_epochs == 0, "keep-every must be a multiple of checkpoint-epochs");
  require(cache_gib >= 0, "cache-gib must not be negative");
  require(preview_epochs >= 0, "preview-epochs must not be negative");
  require(max_seconds >= 0, "max-seconds must not be negative");
  require(job_end_margin >= 0, "job-end-margin must not be negative");
  require(skip_nonfinite >= 0, "skip-nonfinite must not be negative");
  require(seed >= 0, "seed must not be negative");
  require(plate_learning_rate >= 0, "plate-learning-rate must not be negative");
  require(warmup_steps >= 0, "warmup-steps must not be negative");
  require(decay_epochs >= 0, "decay-epochs must not be negative");
  require(augmentation.max_scale >= 1 && augmentation.max_scale <= 4, "augment-scale must be 1 to 4");
  require(is_share(augmentation.probability), "augment-probability must be 0 to 1");
  require(is_share(augmentation.occlusion_probability), "occlusion-probability must be 0 to 1");
  require(augmentation.brightness_sigma >= 0, "brightness-sigma must not be negative");
}

ResumeFrom TrainOptions::resume_from() const {
  if (resume == "none") return ResumeFrom::kNothing;
  return resume == "auto" ? ResumeFrom::kNewest : ResumeFrom::kFile;
}

double TrainOptions::learning_rate_at(std::int64_t step, int epoch) const {
  const double warm = warmup_steps > 0 ? std::min(1.0, static_cast<double>(step + 1) / warmup_steps) : 1;
  if (decay_epochs <= 0) return learning_rate * warm;
  const double done = std::min(1.0, static_cast<double>(epoch) / decay_epochs);
  return learning_rate * warm * (kFinalRate + (1 - kFinalRate) * (1 + std::cos(std::numbers::pi * done)) / 2);
}

}  // namespace retime
