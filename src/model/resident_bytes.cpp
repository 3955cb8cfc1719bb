#include "model/resident_bytes.hpp"

namespace retime {

std::int64_t resident_bytes(const SceneData& data) {
  std::int64_t bytes = 0;
  for (const auto* tensor : {&data.frames(), &data.iuv(), &data.trimap(), &data.matte(), &data.visibility(),
                             &data.gain(), &data.offset(), &data.plane_from_frame()})
    if (tensor->defined()) bytes += static_cast<std::int64_t>(tensor->nbytes());
  return bytes;
}

}  // namespace retime
