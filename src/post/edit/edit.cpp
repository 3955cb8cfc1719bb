#include "post/edit/edit.hpp"

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "post/edit/edit_reader.hpp"

namespace retime {
namespace {

constexpr const char* kFileKind = "edit file";
constexpr double kEnd = std::numeric_limits<double>::infinity();

Outside read_outside(const EditReader& edit) {
  return edit.word("outside", {"absent", "hold"}, "absent") == "hold" ? Outside::kHold : Outside::kAbsent;
}

Verb read_remove(const EditReader& edit) {
  if (!edit.flag("remove", true)) edit.fail("remove", "false removes nothing", "write true, or leave the edit out");
  return Remove{};
}

Verb read_freeze(const EditReader& edit) {
  const EditReader freeze = edit.object("freeze", {"at", "from", "to", "after"});
  Freeze verb;
  verb.at = freeze.time("at");
  verb.from = freeze.time("from", verb.at);
  verb.to = freeze.time("to", kEnd);
  if (verb.to < verb.from) freeze.fail("to", "it lies before 'from'", "give from <= to");
  if (freeze.word("after", {"jump", "resume"}, "jump") == "resume") verb.after = AfterFreeze::kResume;
  return verb;
}

Verb read_offset(const EditReader& edit) { return Offset{edit.time("offset"), read_outside(edit)}; }

Verb read_speed(const EditReader& edit) {
  Speed verb;
  verb.factor = edit.number("speed");
  constexpr double kMost = 1e6;
  if (verb.factor <= 0) edit.fail("speed", "it is not above 0", "use 0.5 for half as fast, or 'freeze' to stand still");
  if (verb.factor > kMost) edit.fail("speed", "it is above 1000000", "give how many times as fast the layer is to be");
  verb.from = edit.time("from", 0);
  verb.to = edit.time("to", kEnd);
  if (verb.to < verb.from) edit.fail("to", "it lies before 'from'", "give from <= to");
  verb.outside = read_outside(edit);
  if (edit.flag("blend", false)) verb.sampling = Sampling::kBlend;
  return verb;
}

Verb read_duplicate(const EditReader& edit) {
  constexpr int kMost = 1000;
  const EditReader duplicate = edit.object("duplicate", {"offset", "opacity", "count", "outside"});
  Duplicate verb;
  verb.offset = duplicate.time("offset");
  verb.opacity = duplicate.number("opacity", 1);
  if (verb.opacity < 0 || verb.opacity > 1)
    duplicate.fail("opacity", "it is not in 0..1", "1 is as solid as the layer");
  verb.count = duplicate.integer("count", 1);
  if (verb.count < 1 || verb.count > kMost)
    duplicate.fail("count", "it is not in 1..1000", "give how many copies to add");
  verb.outside = read_outside(duplicate);
  return verb;
}

Verb read_visible(const EditReader& edit) { return Visible{edit.ranges("visible")}; }

/// A verb of the edit file: its key, the keys that may stand beside it, and its reader. A new verb is a line here, a
/// struct in Verb and a case in TimeBefore.
struct VerbSyntax {
  const char* key;
  std::vector<std::string> options;
  Verb (*read)(const EditReader&);
};

const std::vector<VerbSyntax>& verbs() {
  static const std::vector<VerbSyntax> table = {
      {"remove", {}, read_remove},          {"freeze", {}, read_freeze},
      {"offset", {"outside"}, read_offset}, {"speed", {"from", "to", "outside", "blend"}, read_speed},
      {"duplicate", {}, read_duplicate},    {"visible", {}, read_visible},
  };
  return table;
}

const VerbSyntax& find_verb(const EditReader& edit) {
  const VerbSyntax* found = nullptr;
  std::vector<std::string> known = {"layer"};
  for (const VerbSyntax& verb : verbs()) {
    known.emplace_back(verb.key);
    if (!edit.has(verb.key)) continue;
    if (found)
      edit.fail_here(std::string("both '") + found->key + "' and '" + verb.key + "' in one edit",
                     "write two edits, they apply in order");
    found = &verb;
  }
  if (found) {
    known = {"layer", found->key};
    known.insert(known.end(), found->options.begin(), found->options.end());
  }
  edit.check_keys(known);
  if (!found) edit.fail_here("nothing to do", "give one of remove, freeze, offset, speed, duplicate, visible");
  return *found;
}

}  // namespace

Edit parse_edit(const nlohmann::json& document, const EditContext& context, const JsonLines& lines) {
  const EditReader root(JsonObject(document, lines, "the edit"), context);
  root.check_keys({"output", "edits"});
  Edit edit;
  if (root.has("output")) {
    const EditReader output = root.object("output", {"frames", "loop"});
    edit.loop = output.flag("loop", false);
    if (output.has("frames")) edit.output_frames = output.frame_count("frames");
  }
  for (auto& object : root.list("edits")) {
    const EditReader entry(std::move(object), context);
    const VerbSyntax& verb = find_verb(entry);
    edit.edits.push_back({entry.layers("layer"), verb.read(entry)});
  }
  return edit;
}

nlohmann::json read_edit_document(const std::filesystem::path& path) {
  JsonLines lines;
  return read_json(path, kFileKind, lines);
}

Edit load_edit(const std::filesystem::path& path, const EditContext& context) {
  JsonLines lines;
  const auto document = read_json(path, kFileKind, lines);
  try {
    return parse_edit(document, context, lines);
  } catch (const JsonMistake& mistake) {
    fail_in_file(path, kFileKind, mistake);
  }
}

}  // namespace retime
