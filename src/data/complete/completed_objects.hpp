#pragma once

#include <functional>
#include <memory>

#include "core/options.hpp"
#include "data/complete/completion.hpp"
#include "data/masks/object_source.hpp"

namespace retime {

/// What the masks of objects show: what is visible of them, whole bodies also where others hide them, or whole ones if
/// they overlap each other and what is visible otherwise.
enum class MasksShow { kAuto, kVisibleParts, kWholeBodies };
inline const Choices<MasksShow> kMasksShow{
    {"auto", MasksShow::kAuto}, {"visible", MasksShow::kVisibleParts}, {"amodal", MasksShow::kWholeBodies}};

/// `shown` with kAuto decided by the masks.
MasksShow what_masks_show(MasksShow shown, const std::vector<MaskTrack>& tracks, Size size);

/// Objects whose masks were completed. What is visible of them is that of the objects they are made from, and so is the
/// trimap of a frame in which nothing was added.
class CompletedObjects final : public ObjectSource {
 public:
  /// `completion`: of the masks of `seen`, which have no body parts.
  CompletedObjects(std::unique_ptr<ObjectSource> seen, Completion completion, const SceneSizes& sizes);

  const std::vector<MaskTrack>& tracks() const override { return whole_.tracks(); }
  const std::vector<MaskTrack>& visible() const override { return seen_->tracks(); }
  std::vector<std::vector<int>> order() const override { return order_; }
  int parts(int object) const override { return seen_->parts(object); }
  ObjectMaps maps(int object, int frame) const override;

 private:
  std::unique_ptr<ObjectSource> seen_;
  std::vector<std::vector<int>> order_;
  MaskObjects whole_;
};

/// Completes objects whose masks show what is visible, and tells what was done and what is a guess. Objects that need
/// nothing, and those whose masks are whole, come back as they are. `rate`: frames per second. `known`, `guess`: see
/// `complete_tracks`; the guess is made when it is needed.
std::unique_ptr<ObjectSource> completed(std::unique_ptr<ObjectSource> objects, MasksShow shown, const SceneSizes& sizes,
                                        double rate, bool show_progress = false,
                                        const std::vector<KnownDepth>& known = {},
                                        const std::function<BodyGuess()>& guess = {});

}  // namespace retime
