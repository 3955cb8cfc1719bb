#include "data/prepare/scene_objects.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/log.hpp"
#include "data/body/body_guess.hpp"
#include "data/body/body_objects.hpp"
#include "data/body/network_file.hpp"
#include "data/complete/completed_objects.hpp"
#include "data/correct/corrected_joints.hpp"
#include "data/correct/corrected_objects.hpp"
#include "data/correct/corrected_order.hpp"
#include "data/masks/object_maps.hpp"
#include "data/matting/visibility.hpp"
#include "data/prepare/doubts.hpp"
#include "data/prepare/joined_objects.hpp"
#include "data/released/released_objects.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

class ObjectMaker {
 public:
  ObjectMaker(const ObjectRequest& request, std::optional<FoundObjects> found)
      : request_(request), options_(request.options), before_(std::move(found)) {}

  SceneObjects run() {
    corrected(open());
    group();
    for (const auto& track : result_.source->tracks())
      if (track.name == "background" || track.name == "all")
        throw Error("the object '" + track.name + "' has a name that edits use for something else: rename its folder");
    find_joints();
    const auto& tracks = result_.source->tracks();
    result_.order = result_.source->order();
    if (result_.order.empty()) result_.order = depth_order(tracks, request_.sizes.full, request_.rate);
    correct_order(result_.corrected, result_.layers, result_.order);
    result_.visible =
        visible_tracks(result_.source->visible(), result_.order, request_.sizes.full, options_.show_progress);
    return std::move(result_);
  }

 private:
  std::unique_ptr<ObjectSource> open() {
    if (!options_.masks.empty()) return read_masks(options_.masks, request_.clip_size);
    const auto& released = request_.released;
    if (released && options_.object_choice().search == ObjectSearch::kAuto) {
      if (released->has_iuv()) {
        kind_ = MaskKind::kOfBodyMaps;
        return std::make_unique<ReleasedObjects>(*released, request_.sizes, options_.show_progress);
      }
      const auto masks = released->mask_folder();
      const Size size = released->training_size() == Size{} ? request_.clip_size : released->training_size();
      if (!masks.empty()) {
        bodies_ = OutlineTrust::kMasks;
        return read_masks(masks, size);
      }
      if (auto painted = painted_people_of_joints()) return painted;
    }
    search();
    shown_ = MasksShow::kVisibleParts;
    return std::make_unique<MaskObjects>(result_.found.tracks, request_.sizes);
  }

  void search() {
    ObjectChoice choice = options_.object_choice();
    choice.may_find_none = options_.searches_beside_masks();
    choice.rate = request_.rate;
    result_.found = before_ ? std::move(*before_) : found_objects(request_.frames, choice, request_.camera);
  }

  std::unique_ptr<ObjectSource> read_masks(const fs::path& path, Size size) {
    // The masks of a released folder are those of all its frames, others those of the frames taken.
    const int first = request_.released ? options_.first_frame : 0, taken = request_.frames.count();
    MaskFolder folder(path, request_.released ? request_.released->all_frames() : taken, size);
    auto tracks = read_tracks(folder, first, taken, request_.sizes.full, options_.show_progress);
    shown_ = options_.masks_are;
    if (options_.searches_beside_masks()) {
      shown_ = what_masks_show(shown_, tracks, request_.sizes.full);
      search();
      tracks = joined_objects(named_objects(std::move(tracks), folder, first), result_.found.tracks, shown_);
    }
    return std::make_unique<MaskObjects>(std::move(tracks), request_.sizes, std::move(folder), first);
  }

  // People of whom there are only joints; nothing where nobody can be painted.
  std::unique_ptr<ObjectSource> painted_people_of_joints() {
    const auto network = body_network();
    if (!network) return nullptr;
    auto tracks =
        painted_people(people(), *network, request_.frames.count(), request_.sizes.full, options_.show_progress);
    if (tracks.empty()) return nullptr;
    bodies_ = OutlineTrust::kPainted;
    shown_ = MasksShow::kWholeBodies;
    return std::make_unique<MaskObjects>(std::move(tracks), request_.sizes);
  }

  const std::vector<KeypointTrack>& people() const {
    return request_.brought ? *request_.brought : result_.found.people;
  }

  // For people whose joints are known; that it is missing is told once.
  std::shared_ptr<BodyNetwork> body_network() {
    if (people().empty() || has_asked_) return network_;
    has_asked_ = true;
    network_ = open_body_network(options_.body_network);
    if (!network_ && options_.body_network != "none") log_info(missing_body_network("--body-network"));
    return network_;
  }

  // Joints of objects that are made of the corrected tracks as `layers` says.
  ObjectJoints joints_of(const std::vector<MaskTrack>& tracks, const ObjectGroups& layers) const {
    auto joints = joints_of_objects(cut_at_splits(result_.corrected, people()), tracks, request_.frames.count(),
                                    result_.corrected.removed);
    correct_joints(result_.corrected, layers, joints);
    return joints;
  }

  static ObjectGroups one_each(std::size_t tracks) {
    ObjectGroups layers;
    for (std::size_t i = 0; i < tracks; ++i) layers.push_back({static_cast<int>(i)});
    return layers;
  }

  void find_joints() {
    const bool has_joints = request_.brought || !people().empty() || !result_.corrected.joints.empty();
    const bool is_grouped = result_.layers.size() != result_.corrected.tracks.size();
    if (has_joints && (result_.joints.empty() || is_grouped))
      result_.joints = joints_of(result_.source->tracks(), result_.layers);
  }

  // Corrections speak of what was found; what hides behind others is completed after them.
  void corrected(std::unique_ptr<ObjectSource> objects) {
    result_.corrected = corrected_tracks(request_.corrections, objects->tracks(), request_.sizes.full, kind_);
    if (!before_) tell_doubts(result_.corrected.tracks);
    if (kind_ == MaskKind::kOfBodyMaps) {
      result_.source = std::make_unique<RenamedObjects>(std::move(objects), result_.corrected.tracks);
      return;
    }
    if (!request_.corrections.empty())
      objects = std::make_unique<CorrectedObjects>(std::move(objects), result_.corrected, request_.sizes);
    const auto& tracks = objects->tracks();
    const auto guess = [&] {
      const auto network = body_network();
      if (network) result_.joints = joints_of(tracks, one_each(tracks.size()));
      return body_guess(network, result_.joints, request_.sizes.full);
    };
    result_.source = completed(std::move(objects), shown_, request_.sizes, request_.rate, options_.show_progress,
                               known_depths(result_.corrected), guess);
    paint_bodies();
  }

  void paint_bodies() {
    const auto network = bodies_ ? body_network() : nullptr;
    if (!network) return;
    const auto& tracks = result_.source->tracks();
    if (result_.joints.empty()) result_.joints = joints_of(tracks, one_each(tracks.size()));
    result_.source =
        std::make_unique<BodyObjects>(std::move(result_.source), result_.joints, network, request_.sizes, *bodies_);
  }

  void group() {
    const auto& tracks = result_.source->tracks();
    std::vector<std::string> names;
    for (const auto& track : tracks) names.push_back(track.name);
    auto groups = corrected_groups(result_.corrected);
    if (!groups.members.empty() && !options_.group.empty())
      throw UsageError("--group and " + request_.corrections.file.string() + " both group objects: do it in one place");
    if (groups.members.empty() && !options_.group.empty()) groups.members = parse_groups(options_.group, names);
    if (groups.members.empty() && request_.released && options_.masks.empty())
      groups.members = people_groups(*request_.released);
    result_.layers = groups.members;
    if (groups.members.empty()) result_.layers = one_each(tracks.size());
    if (!groups.members.empty())
      result_.source = std::make_unique<GroupedObjects>(std::move(result_.source), std::move(groups.members),
                                                        request_.sizes.full, request_.rate, groups.names);
  }

  const ObjectRequest& request_;
  const PrepareOptions& options_;
  std::optional<FoundObjects> before_;
  MaskKind kind_ = MaskKind::kFree;
  MasksShow shown_ = MasksShow::kAuto;
  std::optional<OutlineTrust> bodies_;  // where maps are painted from joints
  std::shared_ptr<BodyNetwork> network_;
  bool has_asked_ = false;  // for it
  SceneObjects result_;
};

}  // namespace

SceneObjects scene_objects(const ObjectRequest& request, std::optional<FoundObjects> found) {
  return ObjectMaker(request, std::move(found)).run();
}

}  // namespace retime
