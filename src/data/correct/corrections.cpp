#include "data/correct/corrections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/json_object.hpp"
#include "core/text.hpp"
#include "data/correct/correction_reader.hpp"
#include "media/picture.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char* kCorrectionsKind = "corrections";

CorrectionVerb read_rename(const CorrectionReader& entry) {
  return RenameObject{entry.text("rename"), entry.name("as")};
}

CorrectionVerb read_merge(const CorrectionReader& entry) {
  return MergeObjects{entry.objects("merge"), entry.has("as") ? entry.name("as") : ""};
}

CorrectionVerb read_split(const CorrectionReader& entry) {
  SplitObject verb{entry.text("split"), entry.name("as"), entry.integer("at")};
  if (verb.at < 1) entry.fail("at", "it is the first frame of the new object", "give a frame from 1 on");
  return verb;
}

CorrectionVerb read_remove_object(const CorrectionReader& entry) { return RemoveObject{entry.text("remove")}; }

CorrectionVerb read_mask(const CorrectionReader& entry) {
  RepairMask verb{entry.text("mask"), entry.frames("frames"), Repair::kAdd, {}, {}};
  const char* found = nullptr;
  for (const auto& [key, repair] :
       {std::pair{"add", Repair::kAdd}, {"remove", Repair::kRemove}, {"unknown", Repair::kUnknown}}) {
    if (!entry.has(key)) continue;
    if (found) entry.fail(key, "it stands beside '" + std::string(found) + "'", "write two entries");
    found = key;
    verb.repair = repair;
  }
  if (!found) entry.fail_here("nothing to do", "give one of add, remove, unknown with a polygon or a picture");
  if (entry.required(found).is_string())
    verb.picture = entry.file(found);
  else
    verb.polygon = entry.polygon(found);
  return verb;
}

CorrectionVerb read_group(const CorrectionReader& entry) {
  return GroupObjects{entry.objects("group"), entry.has("as") ? entry.name("as") : ""};
}

CorrectionVerb read_order_of(const CorrectionReader& entry) {
  return OrderObjects{entry.objects("order"), entry.has("frames") ? entry.frames("frames") : FrameSpan{0, kLastFrame}};
}

CorrectionVerb read_joints(const CorrectionReader& entry) {
  FixJoints verb{entry.text("joints"), entry.integer("frame"), {}};
  for (std::size_t joint = 0; joint < kCocoJointCount; ++joint)
    if (const char* name = joint_name(joint); entry.has(name))
      verb.joints.emplace_back(static_cast<CocoJoint>(joint), entry.place(name));
  if (verb.joints.empty()) entry.fail_here("nothing to do", "give a joint, as \"left_wrist\": [310, 122]");
  return verb;
}

CorrectionVerb read_leave_out(const CorrectionReader& entry) { return LeaveOutFrames{entry.frames("leave_out")}; }

/// A verb of the file: its key, the keys that may stand beside it, and its reader.
struct CorrectionSyntax {
  const char* key;
  std::vector<std::string> options;
  CorrectionVerb (*read)(const CorrectionReader&);
};

std::vector<std::string> joint_options() {
  std::vector<std::string> names{"frame"};
  for (std::size_t joint = 0; joint < kCocoJointCount; ++joint) names.emplace_back(joint_name(joint));
  return names;
}

const std::vector<CorrectionSyntax>& correction_verbs() {
  static const std::vector<CorrectionSyntax> table = {
      {"mask", {"frames", "add", "remove", "unknown"}, read_mask},  // before `remove`, which it may have too
      {"rename", {"as"}, read_rename},
      {"merge", {"as"}, read_merge},
      {"split", {"at", "as"}, read_split},
      {"remove", {}, read_remove_object},
      {"group", {"as"}, read_group},
      {"order", {"frames"}, read_order_of},
      {"joints", joint_options(), read_joints},
      {"leave_out", {}, read_leave_out},
  };
  return table;
}

CorrectionVerb read_verb(const CorrectionReader& entry) {
  std::vector<std::string> known;
  for (const auto& verb : correction_verbs()) {
    known.emplace_back(verb.key);
    if (!entry.has(verb.key)) continue;
    std::vector<std::string> keys{verb.key};
    keys.insert(keys.end(), verb.options.begin(), verb.options.end());
    entry.check_keys(keys);
    return verb.read(entry);
  }
  const auto verbs = known;
  known.insert(known.end(), {"as", "at", "frame", "frames"});
  entry.check_keys(known);
  entry.fail_here("nothing to do", "give one of " + comma_list(verbs));
}

std::vector<Correction> parse_corrections(const nlohmann::json& document, const JsonLines& lines,
                                          const fs::path& folder) {
  const JsonObject root(document, lines, "the file of corrections");
  root.check_keys({"corrections"});
  std::vector<Correction> list;
  for (const auto& object : root.list("corrections")) {
    const auto pointer = "/corrections/" + std::to_string(list.size());
    list.push_back({read_verb(CorrectionReader(object, folder)), fmt::format("corrections[{}]", list.size()),
                    lines.contains(pointer) ? lines.at(pointer) : 0});
  }
  return list;
}

const FrameSpan* frames_of(const CorrectionVerb& verb) {
  if (const auto* mask = std::get_if<RepairMask>(&verb)) return &mask->frames;
  if (const auto* order = std::get_if<OrderObjects>(&verb)) return &order->frames;
  if (const auto* out = std::get_if<LeaveOutFrames>(&verb)) return &out->frames;
  return nullptr;
}

void check_joints(const Corrections& corrections, const Correction& correction, const FixJoints& fix, Size size) {
  const auto reaches = [](float place, int side) { return place >= -0.5F && place <= static_cast<float>(side); };
  for (const auto& [joint, place] : fix.joints)
    if (place && !(reaches(place->x, size.width) && reaches(place->y, size.height)))
      corrections.fail(
          correction, fmt::format("{} at [{:g}, {:g}] lies outside the picture", joint_name(joint), place->x, place->y),
          "it is " + size_text(size) + " pixels large: write null where a joint is not known");
}

void check_picture(const Corrections& corrections, const Correction& correction, const fs::path& file, Size size) {
  Size found;
  try {
    found = read_picture(file).size;
  } catch (const Error& error) {
    fail_in_file(corrections.file, kCorrectionsKind,
                 JsonMistake(correction.place + ": " + error.what(), correction.line));
  }
  if (found != size)
    corrections.fail(correction, file.string() + " is " + size_text(found) + " pixels",
                     "it must be as large as objects.mp4, " + size_text(size));
}

}  // namespace

void Corrections::fail(const Correction& correction, const std::string& problem, const std::string& advice) const {
  fail_in_file(file, kCorrectionsKind,
               JsonMistake(correction.place + " cannot be applied (" + problem + "): " + advice, correction.line));
}

fs::path corrections_file(const fs::path& scene_file) {
  return scene_file.parent_path() / (scene_file.stem().string() + ".edits.json");
}

Corrections read_corrections(const fs::path& file) {
  Corrections corrections{file, {}, {}};
  if (!fs::exists(file)) return corrections;
  JsonLines lines;
  const auto document = read_json(file, kCorrectionsKind, lines);
  try {
    corrections.list = parse_corrections(document, lines, file.parent_path());
  } catch (const JsonMistake& mistake) {
    fail_in_file(file, kCorrectionsKind, mistake);
  }
  if (corrections.empty()) return corrections;
  corrections.text = document["corrections"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  for (const auto& correction : corrections.list)
    if (const auto* mask = std::get_if<RepairMask>(&correction.verb); mask && !mask->picture.empty()) {
      if (!fs::is_regular_file(mask->picture))
        corrections.fail(correction, "there is no picture " + mask->picture.string(), "check its name");
      corrections.text += "# " + mask->picture.filename().string() + " " + fingerprint_of(mask->picture) + "\n";
    }
  return corrections;
}

void check_corrections(const Corrections& corrections, int frames, Size size) {
  for (const auto& correction : corrections.list) {
    const auto check_frame = [&](int frame) {
      if (frame < 0 || frame >= frames)
        corrections.fail(correction, fmt::format("there is no frame {}", frame),
                         fmt::format("the frames are 0 to {}", frames - 1));
    };
    if (const auto* span = frames_of(correction.verb); span && span->last != kLastFrame) check_frame(span->last);
    if (const auto* split = std::get_if<SplitObject>(&correction.verb)) check_frame(split->at);
    if (const auto* joints = std::get_if<FixJoints>(&correction.verb)) {
      check_frame(joints->frame);
      check_joints(corrections, correction, *joints, size);
    }
    const auto* mask = std::get_if<RepairMask>(&correction.verb);
    if (!mask) continue;
    if (!mask->picture.empty()) check_picture(corrections, correction, mask->picture, size);
    if (mask->picture.empty() && (cv::boundingRect(mask->polygon) & cv::Rect(0, 0, size.width, size.height)).empty())
      corrections.fail(correction, "the polygon lies outside the picture",
                       "it is " + size_text(size) + " pixels large");
  }
}

}  // namespace retime
