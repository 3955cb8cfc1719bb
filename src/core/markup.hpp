#pragma once

#include <string>

namespace retime {

/// Text for XML and HTML, in elements and in quoted attributes. Control characters but tab and line end, which XML does
/// not know, are left out.
std::string markup_text(const std::string& text);

}  // namespace retime
