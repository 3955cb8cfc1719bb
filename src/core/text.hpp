#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace retime {

/// Text for XML and HTML, in elements and in quoted attributes. Control characters but tab and line end, which XML does
/// not know, are left out.
std::string markup_text(const std::string& text);

/// How many characters of a terminal a line of UTF-8 takes, all of one width.
std::size_t printed_width(std::string_view text);

/// The words as a sentence lists them: "a, b, c".
std::string comma_list(const std::vector<std::string>& words);

/// "1 frame", "3 frames"; `many` where that is not `one` with an s.
std::string counted(std::int64_t count, const std::string& one, const std::string& many = {});

/// Frames (ascending) as "frame 7" or "frames 12-15, 40-43, 51", both ends included; after the first spans "...".
std::string frame_spans(const std::vector<int>& frames);

/// A hash of a text that files may hold: the same on every machine and with every standard library (MurmurHash64A by
/// Austin Appleby, with the seed for which it is what libstdc++'s std::hash gives on 64-bit machines).
std::uint64_t stable_hash(std::string_view text) noexcept;

/// The time of now, in seconds since 1970.
double now_s();

/// Such a time as "2026-11-24T22:05:31Z"; empty for 0 and less.
std::string utc_text(double seconds);

}  // namespace retime
