#pragma once

#include <optional>
#include <string>
#include <vector>

#include "post/compose/layer_source.hpp"
#include "post/compose/shares.hpp"
#include "post/score/truth_folder.hpp"

namespace retime {

/// How well one object's layer holds what belongs to it. Numbers pool the pixels of all frames.
struct ObjectScore {
  std::string name;
  std::optional<double> alpha_error;  ///< mean |a - a_true| where either is above 0.02
  std::optional<double> effects_iou;  ///< of the pixels outside the body that the layer visibly changes
  std::optional<double> leakage;      ///< mean alpha where another object's layer should be and this one not
};

/// Compares the layers with the true ones; `layer_of_object` as `match_layers` gives it. Processes that share the
/// frames all call it and get the score of all frames; likewise below.
std::vector<ObjectScore> score_layers(LayerSource& source, const TruthFolder& truth,
                                      const std::vector<int>& layer_of_object, const FrameParts& parts = {});

/// Without truth: the share of the pixels of all object layers and frames whose alpha is in 0.02..0.98 and that are
/// further than a tenth of the picture's width (in x or y) from every pixel with an alpha above 0.9 of that layer.
double alpha_clutter(LayerSource& source, const FrameParts& parts = {});

/// The layer of `source` for each object of the truth: of the same name, else by overlap of the alphas (logged).
/// Throws Error if there are not as many object layers as objects.
std::vector<int> match_layers(LayerSource& source, const TruthFolder& truth);

}  // namespace retime
