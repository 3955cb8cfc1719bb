#pragma once

#include <filesystem>

#include "data/prepare/prepare_options.hpp"

namespace retime {

/// Makes a scene (see `prepare_scene`) and, beside it, pictures that tell whether it is right: objects.mp4, its objects
/// drawn over the clip with numbers of frames and places, and overview.png, some frames of that. A scene that is not
/// called scene.h5 has its name before theirs: NAME_objects.mp4. Throws Error; what stood there before is kept then.
void prepare_stage(const std::filesystem::path& clip, const std::filesystem::path& scene_file,
                   const PrepareOptions& options);

/// The pictures alone, where a scene stands without them.
void write_missing_pictures(const std::filesystem::path& scene_file, bool show_progress);

}  // namespace retime
