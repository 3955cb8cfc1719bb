#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "core/temporary_folder.hpp"
#include "dist/ranks.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"

namespace retime::test {

/// How far apart two arrays are: the norm of their difference, relative to the norm of the second.
inline double relative_difference(const std::vector<float>& found, const std::vector<float>& expected,
                                  double least_norm = 0) {
  double error = 0, scale = least_norm * least_norm;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(static_cast<double>(found.at(i)) - expected[i], 2);
    scale += std::pow(static_cast<double>(expected[i]), 2);
  }
  return error == 0 ? 0 : std::sqrt(error / scale);
}

/// Expects every array of `expected` whose name starts with `prefix` to be near that of `found`, each by its own norm,
/// and all together to be within 1e-4.
inline void expect_near_arrays(const Checkpoint& found, const Checkpoint& expected, const std::string& prefix,
                               double tolerance, double least_norm = 0) {
  const auto arrays = arrays_of(found);
  std::vector<float> all_found, all_expected;
  int compared = 0;
  double worst = 0;
  for (const auto& [name, values] : arrays_of(expected)) {
    if (!name.starts_with(prefix)) continue;
    ++compared;
    const double difference = relative_difference(arrays.at(name), values, least_norm);
    EXPECT_LE(difference, tolerance) << name;
    worst = std::max(worst, difference);
    all_found.insert(all_found.end(), arrays.at(name).begin(), arrays.at(name).end());
    all_expected.insert(all_expected.end(), values.begin(), values.end());
  }
  EXPECT_LE(relative_difference(all_found, all_expected), 1e-4) << "all of " << prefix;
  std::printf("largest relative difference of an array of %s %.2g\n", prefix.c_str(), worst);
  EXPECT_GT(compared, 0) << prefix;
}

/// Fits to TinyScene by all ranks and by one alone, in one folder.
class RankFits : public testing::Test {
 protected:
  RankFits() : path_(ranks().broadcast(folder_.path().string())) {
    if (ranks().is_root()) TinyScene().write(path_ / "scene.h5");
    ranks().barrier();
    scene_.emplace(path_ / "scene.h5");
  }
  ~RankFits() override { ranks().barrier(); }

  /// Fits by all ranks, then by rank 0 alone.
  void fit_both_ways(const FitConfig& config) const {
    fit(*scene_, config, path_ / "ranks", ranks());
    if (ranks().is_root()) fit(*scene_, config, path_ / "alone");
    ranks().barrier();
  }

  void expect_same_parameters(double tolerance) const {
    if (!ranks().is_root()) return;
    const auto many = newest_checkpoint(path_ / "ranks"), one = newest_checkpoint(path_ / "alone");
    EXPECT_EQ(many.step, one.step);
    expect_near_arrays(many, one, "parameters/", tolerance);
  }

  void expect_same_metrics(double tolerance) const {
    if (!ranks().is_root()) return;
    const auto many = metrics_of(path_ / "ranks"), one = metrics_of(path_ / "alone");
    ASSERT_EQ(many.size(), one.size());
    for (std::size_t i = 0; i < one.size(); ++i)
      for (const auto& [name, value] : one[i].items())
        EXPECT_NEAR(many[i].at(name).get<double>(), value.get<double>(),
                    tolerance * std::max(value.get<double>(), 0.01))
            << name << " of epoch " << i + 1;
  }

  TemporaryFolder folder_;
  const std::filesystem::path path_;
  std::optional<SceneReader> scene_;
};

}  // namespace retime::test
