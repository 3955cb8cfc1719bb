#include "model/state/resume.hpp"

#include "core/error.hpp"

namespace retime {

void require_same_model(const std::filesystem::path& file, const Checkpoint& checkpoint, const FitConfig& config,
                        const SceneReader& scene) {
  const auto options = architecture_difference(FitConfig::from_text(checkpoint.config), config);
  if (!options.empty())
    throw Error("cannot resume from " + file.string() + " (other architecture: " + options +
                "): use its options, or start anew with --resume none");
  const auto fingerprint = scene.fingerprint();
  if (checkpoint.scene_fingerprint != fingerprint)
    throw Error("cannot resume from " + file.string() +
                " (it was fitted to another scene: " + scene_difference(checkpoint.scene_fingerprint, fingerprint) +
                "): use its scene, or start anew with --resume none");
}

void require_same_upsampler(const FitConfig& before, const FitConfig& now) {
  const auto options = upsampler_difference(before, now);
  if (!options.empty())
    throw Error("cannot go on with the run's upsampling network (other architecture: " + options +
                "): use its options, or start anew with --resume none");
}

}  // namespace retime
