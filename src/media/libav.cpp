#include "media/libav.hpp"

#include <array>

#include "core/error.hpp"

namespace retime::libav {

std::string reason(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return text.data();
}

int check(int result, const std::string& what, const std::string& advice) {
  if (result < 0) throw Error(what + " (" + reason(result) + "): " + advice);
  return result;
}

void quiet_libav() { av_log_set_level(AV_LOG_FATAL); }

}  // namespace retime::libav
