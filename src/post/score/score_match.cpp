#include "post/score/score_match.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/log.hpp"

namespace retime {
namespace {

int alpha(const Image& rgba, std::size_t pixel) { return rgba.pixels[4 * pixel + 3]; }

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
