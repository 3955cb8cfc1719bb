#pragma once

#include <cstdint>
#include <string_view>

namespace retime {

/// A hash of a text that files may hold: the same on every machine and with every standard library (MurmurHash64A by
/// Austin Appleby, with the seed for which it is what libstdc++'s std::hash gives on 64-bit machines).
std::uint64_t stable_hash(std::string_view text) noexcept;

}  // namespace retime
