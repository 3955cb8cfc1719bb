#include "media/picture_codecs.hpp"

#include "media/loaded_library.hpp"

namespace retime {

const PictureCodecs& picture_codecs() {
  static const auto& codecs = *static_cast<const PictureCodecs*>(
      loaded_symbol("libretime_pictures.so", "retime_picture_codecs", "the codecs of pictures"));
  return codecs;
}

}  // namespace retime
