#include "data/decode/libav.hpp"

#include <array>

namespace retime::decoding {

std::string reason(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return text.data();
}

}  // namespace retime::decoding
