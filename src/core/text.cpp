#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <ctime>

namespace retime {
namespace {

constexpr std::uint64_t kSeed = 0xc70f6907;
constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995;
constexpr std::size_t kWord = 8;
constexpr int kMostSpans = 4;  // of frames in a sentence

std::uint64_t folded(std::uint64_t value) { return value ^ (value >> 47); }

// Bytes as a number, the lowest first.
std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

// By hand: five characters, for pages and plots that no XML library writes.
std::string markup_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (c == '\'')
      result += "&#39;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r')
      result += c;
  }
  return result;
}

std::uint64_t stable_hash(std::string_view text) noexcept {
  std::uint64_t hash = kSeed ^ (text.size() * kFactor);
  for (; text.size() >= kWord; text.remove_prefix(kWord))
    hash = (hash ^ folded(number_of(text.substr(0, kWord)) * kFactor) * kFactor) * kFactor;
  if (!text.empty()) hash = (hash ^ number_of(text)) * kFactor;
  return folded(folded(hash) * kFactor);
}

double now_s() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::size_t printed_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string comma_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many.empty() ? one + "s" : many);
}

std::string frame_spans(const std::vector<int>& frames) {
  std::string text = frames.size() == 1 ? "frame " : "frames ";
  int spans = 0;
  for (std::size_t i = 0, end = 0; i < frames.size(); i = end) {
    for (end = i + 1; end < frames.size() && frames[end] == frames[end - 1] + 1;) ++end;
    if (spans++ > 0) text += ", ";
    if (spans > kMostSpans) return text + "...";
    text += std::to_string(frames[i]);
    if (end > i + 1) text += "-" + std::to_string(frames[end - 1]);
  }
  return text;
}

std::string utc_text(double seconds) {
  if (seconds <= 0) return "";
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&time, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace retime
