#include "post/score/score_layers.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/error.hpp"
#include "core/log.hpp"
#include "format/composite.hpp"
#include "post/score/metrics.hpp"

namespace retime {
namespace {

constexpr int kCovering = 12;       // 0.05
constexpr int kOpaque = 229;        // 0.9
constexpr int kNearlyOpaque = 249;  // 0.98
constexpr int kBodyMargin = 2;      // pixels around the body that no effect is looked for in
constexpr int kEffectLevels = 5;    // least change of the picture that is an effect
constexpr double kNear = 0.1;       // of the picture's width

/// The mean of what was added.
struct Mean {
  double sum = 0;
  std::int64_t count = 0;
  std::optional<double> value() const {
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
  }
};

/// Sums of one object over the frames.
struct ObjectSums {
  Mean alpha_error, leakage;
  std::int64_t both = 0, either = 0;

  void sum_over(const FrameParts& parts) {
    double values[] = {alpha_error.sum,
                       static_cast<double>(alpha_error.count),
                       leakage.sum,
                       static_cast<double>(leakage.count),
                       static_cast<double>(both),
                       static_cast<double>(either)};
    parts.sum(values);
    alpha_error = {values[0], static_cast<std::int64_t>(values[1])};
    leakage = {values[2], static_cast<std::int64_t>(values[3])};
    both = static_cast<std::int64_t>(values[4]);
    either = static_cast<std::int64_t>(values[5]);
  }
};

int alpha(const Image& rgba, std::size_t pixel) { return rgba.pixels[4 * pixel + 3]; }

void add_alpha_error(const Image& layer, const Image& truth, Mean& error) {
  for (std::size_t i = 0; i < layer.size.area(); ++i) {
    const int a = alpha(layer, i), b = alpha(truth, i);
    if (std::max(a, b) <= kVisible) continue;
    error.sum += std::abs(a - b) / 255.0;
    ++error.count;
  }
}

void add_leakage(const Image& layer, const std::vector<Image>& truths, std::size_t object, Mean& leakage) {
  for (std::size_t i = 0; i < layer.size.area(); ++i) {
    if (alpha(truths[object], i) > kVisible) continue;
    bool others = false;
    for (std::size_t other = 0; other < truths.size(); ++other)
      others = others || (other != object && alpha(truths[other], i) > kCovering);
    if (!others) continue;
    leakage.sum += alpha(layer, i) / 255.0;
    ++leakage.count;
  }
}

Image opaque(const Image& rgb) {
  Image rgba(rgb.size, 4);
  for (std::size_t i = 0; i < rgb.size.area(); ++i) {
    std::copy_n(rgb.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i), 3,
                rgba.pixels.begin() + static_cast<std::ptrdiff_t>(4 * i));
    rgba.pixels[4 * i + 3] = 255;
  }
  return rgba;
}

// Where the layer changes the background visibly.
Image changed_by(const Image& layer, const Image& background, const Image& opaque_background) {
  const CompositeLayer stack[] = {{&opaque_background}, {&layer}};
  Image shown;
  composite(stack, background.size, shown);
  return differs(shown, background, kEffectLevels);
}

/// What of the truth of one frame all objects share.
struct FrameTruth {
  Image background, opaque_background;
  std::vector<Image> layers;
};

FrameTruth read_truth(const TruthFolder& truth, int frame) {
  FrameTruth result{truth.background(frame), {}, {}};
  result.opaque_background = opaque(result.background);
  for (std::size_t i = 0; i < truth.info().objects.size(); ++i)
    result.layers.push_back(truth.layer(static_cast<int>(i), frame));
  return result;
}

void add_effects(const Image& layer, const FrameTruth& truth, std::size_t object, const Image& body, ObjectSums& sums) {
  const Image excluded = dilated(above(body, 0, kVisible), kBodyMargin);
  const Image estimate = changed_by(layer, truth.background, truth.opaque_background);
  const Image actual = changed_by(truth.layers[object], truth.background, truth.opaque_background);
  for (std::size_t i = 0; i < excluded.pixels.size(); ++i) {
    if (excluded.pixels[i] != 0) continue;
    sums.both += estimate.pixels[i] != 0 && actual.pixels[i] != 0;
    sums.either += estimate.pixels[i] != 0 || actual.pixels[i] != 0;
  }
}

// Pixels of partial alpha far from every opaque one.
std::int64_t cluttered_pixels(const Image& layer) {
  const int radius = static_cast<int>(kNear * layer.size.width);
  const Image near = dilated(above(layer, 3, kOpaque), radius);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < layer.size.area(); ++i) {
    const int a = alpha(layer, i);
    count += a > kVisible && a < kNearlyOpaque + 1 && near.pixels[i] == 0;
  }
  return count;
}

std::optional<std::vector<int>> match_names(const std::vector<std::string>& layers,
                                            const std::vector<std::string>& objects) {
  std::vector<int> result;
  for (const auto& name : objects) {
    const auto found = std::find(layers.begin() + 1, layers.end(), name);
    if (found == layers.end()) return std::nullopt;
    result.push_back(static_cast<int>(found - layers.begin()));
  }
  return result;
}

// overlap[object][layer - 1]: intersection over union of the opaque parts over some frames.
std::vector<std::vector<double>> overlaps(LayerSource& source, const TruthFolder& truth) {
  constexpr int kSamples = 8;
  const std::size_t n = truth.info().objects.size();
  std::vector<std::vector<std::pair<double, double>>> counts(n, std::vector<std::pair<double, double>>(n));
  Image layer;
  for (int k = 0; k < kSamples; ++k) {
    const int frame = (2 * k + 1) * truth.info().frames / (2 * kSamples);
    std::vector<Image> actual;
    for (std::size_t o = 0; o < n; ++o) actual.push_back(truth.layer(static_cast<int>(o), frame));
    for (std::size_t l = 0; l < n; ++l) {
      source.read(frame, static_cast<int>(l) + 1, layer);
      for (std::size_t o = 0; o < n; ++o)
        for (std::size_t i = 0; i < layer.size.area(); ++i) {
          const bool a = alpha(layer, i) > 127, b = alpha(actual[o], i) > 127;
          counts[o][l].first += a && b;
          counts[o][l].second += a || b;
        }
    }
  }
  std::vector<std::vector<double>> result(n, std::vector<double>(n));
  for (std::size_t o = 0; o < n; ++o)
    for (std::size_t l = 0; l < n; ++l) result[o][l] = counts[o][l].first / std::max(1.0, counts[o][l].second);
  return result;
}

// The best pair first, then the best of what is left.
std::vector<int> match_overlaps(std::vector<std::vector<double>> overlap) {
  std::vector<int> result(overlap.size(), 0);
  for (std::size_t round = 0; round < overlap.size(); ++round) {
    std::size_t object = 0, layer = 0;
    double best = -1;
    for (std::size_t o = 0; o < overlap.size(); ++o)
      for (std::size_t l = 0; l < overlap.size(); ++l)
        if (overlap[o][l] > best) best = overlap[o][l], object = o, layer = l;
    result[object] = static_cast<int>(layer) + 1;
    for (std::size_t k = 0; k < overlap.size(); ++k) overlap[object][k] = overlap[k][layer] = -2;
  }
  return result;
}

}  // namespace

std::vector<ObjectScore> score_layers(LayerSource& source, const TruthFolder& truth,
                                      const std::vector<int>& layer_of_object, const FrameParts& parts) {
  const auto& names = truth.info().objects;
  std::vector<ObjectSums> sums(names.size());
  Image layer;
  const auto [first, last] = parts.range(truth.info().frames);
  for (int frame = first; frame < last; ++frame) {
    const FrameTruth actual = read_truth(truth, frame);
    for (std::size_t i = 0; i < names.size(); ++i) {
      source.read(frame, layer_of_object[i], layer);
      add_alpha_error(layer, actual.layers[i], sums[i].alpha_error);
      add_leakage(layer, actual.layers, i, sums[i].leakage);
      add_effects(layer, actual, i, truth.body(static_cast<int>(i), frame), sums[i]);
    }
  }
  std::vector<ObjectScore> scores;
  for (std::size_t i = 0; i < names.size(); ++i) {
    ObjectSums& s = sums[i];
    s.sum_over(parts);
    const Mean iou{static_cast<double>(s.both), s.either};
    scores.push_back({names[i], s.alpha_error.value(), iou.value(), s.leakage.value()});
  }
  return scores;
}

double alpha_clutter(LayerSource& source, const FrameParts& parts) {
  const auto& info = source.info();
  const auto [first, last] = parts.range(info.frames);
  double pixels = 0, clutter = 0;
  Image layer;
  for (int frame = first; frame < last; ++frame)
    for (std::size_t l = 1; l < info.layer_names.size(); ++l) {
      source.read(frame, static_cast<int>(l), layer);
      clutter += static_cast<double>(cluttered_pixels(layer));
      pixels += static_cast<double>(info.size.area());
    }
  double values[] = {clutter, pixels};
  parts.sum(values);
  return values[1] == 0 ? 0 : values[0] / values[1];
}

std::vector<int> match_layers(LayerSource& source, const TruthFolder& truth) {
  const auto& layers = source.info().layer_names;
  const auto& objects = truth.info().objects;
  if (layers.size() != objects.size() + 1)
    throw Error(fmt::format(
        "the layers show {} objects, the truth has {}: score layers made of that scene with all its objects",
        layers.size() - 1, objects.size()));
  if (const auto named = match_names(layers, objects)) return *named;
  const auto matched = match_overlaps(overlaps(source, truth));
  std::string text;
  for (std::size_t o = 0; o < objects.size(); ++o)
    text += (o ? ", " : "") + layers[static_cast<std::size_t>(matched[o])] + " is " + objects[o];
  log_info("the layers have other names than the true objects, matched by overlap: " + text);
  return matched;
}

}  // namespace retime
