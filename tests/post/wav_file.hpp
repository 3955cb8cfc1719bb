#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

namespace retime::test {

constexpr int kWavRate = 48000;

/// 16-bit mono PCM with a short burst of 1 kHz at each time of `bursts_s`.
inline void write_wav(const std::filesystem::path& path, double length_s, const std::vector<double>& bursts_s) {
  constexpr double kPi = 3.14159265358979;
  constexpr int kBurst = 480;
  std::vector<std::int16_t> samples(static_cast<std::size_t>(length_s * kWavRate));
  for (const double at : bursts_s)
    for (int i = 0; i < kBurst; ++i)
      samples[static_cast<std::size_t>(at * kWavRate) + static_cast<std::size_t>(i)] =
          static_cast<std::int16_t>(28000 * std::sin(2 * kPi * 1000 * (i + 0.5) / kWavRate));
  std::ofstream file(path, std::ios::binary);
  const auto number = [&](std::uint32_t value, int bytes) { file.write(reinterpret_cast<const char*>(&value), bytes); };
  const auto bytes = static_cast<std::uint32_t>(samples.size() * 2);
  file << "RIFF";
  number(36 + bytes, 4);
  file << "WAVEfmt ";
  number(16, 4);
  number(1, 2);
  number(1, 2);
  number(kWavRate, 4);
  number(kWavRate * 2, 4);
  number(2, 2);
  number(16, 2);
  file << "data";
  number(bytes, 4);
  file.write(reinterpret_cast<const char*>(samples.data()), bytes);
}

}  // namespace retime::test
