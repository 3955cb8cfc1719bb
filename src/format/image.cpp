#include "format/image.hpp"

#include <fmt/format.h>

namespace retime {

std::string size_text(Size size) { return fmt::format("{}x{}", size.width, size.height); }

}  // namespace retime
