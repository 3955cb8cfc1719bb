#pragma once

#include "format/image.hpp"

namespace retime {

/// `image` scaled to `size` by area averages, which repeats pixels where it grows. RGBA is averaged premultiplied.
Image scale_area(const Image& image, Size size);

}  // namespace retime
