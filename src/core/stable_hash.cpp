#include "core/stable_hash.hpp"

#include <cstddef>

namespace retime {
namespace {

constexpr std::uint64_t kSeed = 0xc70f6907;
constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995;
constexpr std::size_t kWord = 8;

std::uint64_t folded(std::uint64_t value) { return value ^ (value >> 47); }

// Bytes as a number, the lowest first.
std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

std::uint64_t stable_hash(std::string_view text) noexcept {
  std::uint64_t hash = kSeed ^ (text.size() * kFactor);
  for (; text.size() >= kWord; text.remove_prefix(kWord))
    hash = (hash ^ folded(number_of(text.substr(0, kWord)) * kFactor) * kFactor) * kFactor;
  if (!text.empty()) hash = (hash ^ number_of(text)) * kFactor;
  return folded(folded(hash) * kFactor);
}

}  // namespace retime
