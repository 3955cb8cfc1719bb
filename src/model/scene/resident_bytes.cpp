#include "model/scene/resident_bytes.hpp"

#include <algorithm>

#include "model/scene/frame_stream.hpp"

namespace retime {

std::int64_t resident_bytes(const SceneData& data) {
  const auto* stream = data.stream();
  auto bytes = static_cast<std::int64_t>(stream ? std::min(stream->budget(), data.bytes()) : data.bytes());
  for (const auto* tensor : {&data.gain(), &data.offset(), &data.plane_from_frame()})
    if (tensor->defined()) bytes += static_cast<std::int64_t>(tensor->nbytes());
  return bytes;
}

}  // namespace retime
