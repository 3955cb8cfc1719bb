#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/json_object.hpp"
#include "format/image.hpp"

namespace retime {

/// What a layer shows where its time map leads outside the source's frames.
enum class Outside { kAbsent, kHold };

/// How a fractional source position is shown.
enum class Sampling { kNearest, kBlend };

/// What a freeze shows after its end: the frame of the clock, as if nothing had been, or the motion taken up again.
enum class AfterFreeze { kJump, kResume };

// One struct a verb. Times are frames, counted on the layer's time line as the earlier edits left it; ranges include
// both ends.
struct Remove {};
struct Freeze {
  double at, from, to;
  AfterFreeze after = AfterFreeze::kJump;
};
struct Offset {
  double frames;  ///< positive = later
  Outside outside = Outside::kAbsent;
};
struct Speed {
  double factor;  ///< 0.5 = half as fast
  double from, to;
  Outside outside = Outside::kAbsent;
  Sampling sampling = Sampling::kNearest;
};
struct Duplicate {
  double offset;  ///< frames from one copy to the next, positive = later
  double opacity = 1;
  int count = 1;
  Outside outside = Outside::kAbsent;
};
struct Visible {
  std::vector<std::pair<double, double>> ranges;
};
using Verb = std::variant<Remove, Freeze, Offset, Speed, Duplicate, Visible>;

/// One verb for some layers.
struct LayerEdit {
  std::vector<int> layers;
  Verb verb;
};

/// A whole edit file, in the order of the file. Default: the identity.
struct Edit {
  std::optional<int> output_frames;  ///< default: as many as the source
  bool loop = false;                 ///< output frame t shows what belongs to t modulo the source's frames
  std::vector<LayerEdit> edits;
};

/// What an edit is read against.
struct EditContext {
  std::vector<std::string> layer_names;  ///< layer 0 is the background
  int frames = 0;
  FrameRate rate;
};

/// Reads an edit. The schema:
///
///     {"output": {"frames": 120, "loop": false},
///      "edits": [
///        {"layer": "person_2", "remove": true},
///        {"layer": 1, "freeze": {"at": 40, "from": 40, "to": "2.5s", "after": "jump"}},
///        {"layer": ["person_1", 2], "offset": -12, "outside": "absent"},
///        {"layer": "person_1", "speed": 0.5, "from": 30, "to": 90, "outside": "hold", "blend": true},
///        {"layer": "all", "duplicate": {"offset": 12, "opacity": 0.5, "count": 3, "outside": "absent"}},
///        {"layer": "person_1", "visible": [[0, 40], [60, 80]]}]}
///
/// Times are frames, or seconds as text ("2.5s"). `layer` is a name, an index, a list of these, or "all" (every object,
/// not the background). Edits of a layer apply in the order given, each to the result of those before it; copies made
/// by `duplicate` take part in the later ones. Defaults: freeze from `at` to the end of the output, after "jump"; speed
/// from 0 to the end; outside "absent", so that an object is seen only when the clip shows it. A layer holds if one of
/// its edits says so; the background always does. Throws JsonMistake naming the place, the value and the nearest known
/// key or name, with the line that `lines` has for it.
Edit parse_edit(const nlohmann::json& document, const EditContext& context, const JsonLines& lines = {});

/// The JSON of an edit file, which may hold comments. Throws Error naming the file and the line when it is malformed or
/// gives a key twice.
nlohmann::json read_edit_document(const std::filesystem::path& path);

/// Reads an edit file. Throws Error naming the file and the line.
Edit load_edit(const std::filesystem::path& path, const EditContext& context);

}  // namespace retime
