#include "core/process_place.hpp"

#include <unistd.h>

#include <array>
#include <string_view>

namespace retime {

std::string process_namespace() {
  std::array<char, 64> text{};  // "pid:[4026531836]"
  const auto length = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  if (length <= 0) return {};
  const std::string_view link(text.data(), static_cast<std::size_t>(length));
  const auto open = link.find('['), close = link.find(']');
  if (open == link.npos || close == link.npos) return {};
  return std::string(link.substr(open + 1, close - open - 1));
}

std::string process_place() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string numbering = process_namespace();
  return numbering.empty() ? std::string() : std::string(host.data()) + "-" + numbering;
}

}  // namespace retime
