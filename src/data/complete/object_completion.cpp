#include "data/complete/object_completion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "data/complete/best_paths.hpp"

namespace retime {
namespace {

constexpr int kRoundsOfCompletion = 3;
constexpr std::size_t kMostSilhouettes = 48;            // from before, and as many from after
constexpr double kJumpPrice = 0.35;                     // of a break between silhouettes, against misfits
constexpr double kLikely = 0.02;                        // how much worse a path weighs less by a factor of e
constexpr std::size_t kBlended = 4;                     // silhouettes that are blended at most
constexpr double kNearReach = 0.03, kFarReach = 0.004;  // heights, and heights per frame from what is known
constexpr double kLeastAddition = 0.003;                // of the body
constexpr double kNearlyWhole = 0.1;                    // of the body may be missing
constexpr double kPartWeight = 0.9;                     // of a place that is known from a part

BodyPlacement moved(BodyPlacement place, cv::Point2d shift) {
  place.x += shift.x * place.height;
  place.y += shift.y * place.height;
  return place;
}

/// Pixels to the outline of a shape (CV_8U), positive inside: CV_32F.
cv::Mat depth_inside(const cv::Mat& shape) {
  cv::Mat in, out;
  cv::distanceTransform(shape, in, cv::DIST_L2, cv::DIST_MASK_3);
  cv::distanceTransform(~shape, out, cv::DIST_L2, cv::DIST_MASK_3);
  return in - out;
}

/// The choices with the least costs (one row), best first.
std::vector<int> cheapest(const cv::Mat_<double>& costs, std::size_t most) {
  std::vector<int> choices(static_cast<std::size_t>(costs.cols));
  std::iota(choices.begin(), choices.end(), 0);
  std::sort(choices.begin(), choices.end(), [&](int a, int b) { return costs(0, a) < costs(0, b); });
  if (choices.size() > most) choices.resize(most);
  return choices;
}

/// What all silhouettes cost next to the one of `frame`, which is before them or after them; empty when it has none.
cv::Mat_<double> costs_beside(const Silhouettes& shapes, int frame, bool is_before) {
  cv::Mat_<double> costs;
  const int beside = shapes.index_of(frame);
  if (beside < 0) return costs;
  costs.create(1, shapes.count());
  for (int k = 0; k < shapes.count(); ++k)
    costs(0, k) = kJumpPrice * (is_before ? shapes.break_between(beside, k) : shapes.break_between(k, beside));
  return costs;
}

}  // namespace

ObjectCompletion::ObjectCompletion(const SeenObjects& seen, const std::vector<OrderedContact>& contacts, int object)
    : seen_(seen),
      object_(object),
      masks_(seen.tracks[static_cast<std::size_t>(object)].frames),
      fronts_(masks_.size(), std::vector<bool>(seen.tracks.size())),
      weights_(whole_frames(seen, contacts, object)),
      places_(seen.places[static_cast<std::size_t>(object)]),
      known_(masks_),
      result_(masks_) {
  for (int t = 0; t < static_cast<int>(masks_.size()); ++t) add_fronts(contacts, object, t);
  find_hidden();
}

// Whoever is in front of one that is in front hides the object too.
void ObjectCompletion::add_fronts(const std::vector<OrderedContact>& contacts, int behind, int t) {
  auto& fronts = fronts_[static_cast<std::size_t>(t)];
  for (const auto& [contact, back, front] : contacts) {
    if (back != behind || t < contact.first || t > contact.last || front == object_) continue;
    if (fronts[static_cast<std::size_t>(front)]) continue;
    fronts[static_cast<std::size_t>(front)] = true;
    add_fronts(contacts, front, t);
  }
}

void ObjectCompletion::find_hidden() {
  const auto& track = seen_.tracks[static_cast<std::size_t>(object_)];
  for (int t = std::max(0, first_frame(track)); t <= last_frame(track); ++t) {
    const auto& fronts = fronts_[static_cast<std::size_t>(t)];
    if (std::find(fronts.begin(), fronts.end(), true) == fronts.end()) continue;
    hidden_.push_back(t);
    if (runs_.empty() || runs_.back().last < t - 1) runs_.push_back({t, t});
    runs_.back().last = t;
  }
}

std::vector<BoxMask> ObjectCompletion::run() {
  path_ = smooth_path(places_, weights_, seen_.period);
  if (path_.empty()) return result_;
  for (int round = 0; round < kRoundsOfCompletion; ++round) {
    for (const Run& run : runs_) complete(run);
    path_ = smooth_path(places_, weights_, seen_.period);
    known_ = result_;
  }
  return result_;
}

std::vector<int> ObjectCompletion::whole_near(const Run& run) const {
  const int middle = (run.first + run.last) / 2;
  std::vector<int> frames;
  for (int t = middle; t >= 0 && frames.size() < kMostSilhouettes; --t)
    if (is_whole(t)) frames.push_back(t);
  std::reverse(frames.begin(), frames.end());
  const std::size_t most = frames.size() + kMostSilhouettes;
  for (int t = middle + 1; t < static_cast<int>(masks_.size()) && frames.size() < most; ++t)
    if (is_whole(t)) frames.push_back(t);
  return frames;
}

int ObjectCompletion::frames_to_whole(int t) const {
  const int count = static_cast<int>(masks_.size());
  for (int distance = 0; distance < count; ++distance)
    if ((t >= distance && is_whole(t - distance)) || (t + distance < count && is_whole(t + distance))) return distance;
  return count;
}

PartView ObjectCompletion::view_of(int t) const {
  const auto at = static_cast<std::size_t>(t);
  PartView view{masks_[at], cv::Mat::zeros(seen_.size.height, seen_.size.width, CV_8U), path_[at],
                kNearReach + kFarReach * frames_to_whole(t)};
  for (std::size_t j = 0; j < seen_.tracks.size(); ++j)
    if (fronts_[at][j]) paint_mask(seen_.tracks[j].frames[at], view.covered);
  return view;
}

void ObjectCompletion::complete(const Run& run) {
  const auto frames = whole_near(run);
  if (frames.empty()) return;
  const Silhouettes shapes(known_, path_, frames);
  std::vector<std::vector<SilhouetteFit>> fits;
  cv::Mat_<double> costs(run.last - run.first + 1, shapes.count());
  for (int i = 0; i < costs.rows; ++i) {
    fits.push_back(shapes.fit(view_of(run.first + i)));
    for (int k = 0; k < shapes.count(); ++k) costs(i, k) = fits.back()[static_cast<std::size_t>(k)].misfit;
  }
  const cv::Mat_<double> through =
      best_path_costs(costs, costs_beside(shapes, run.first - 1, true), costs_beside(shapes, run.last + 1, false),
                      [&](int k, int next) { return kJumpPrice * shapes.break_between(k, next); });
  for (int i = 0; i < costs.rows; ++i) lay_in(run.first + i, through.row(i), fits[static_cast<std::size_t>(i)], shapes);
}

void ObjectCompletion::lay_in(int t, const cv::Mat_<double>& costs, const std::vector<SilhouetteFit>& fits,
                              const Silhouettes& shapes) {
  const PartView view = view_of(t);
  const auto best = cheapest(costs, kBlended);
  const auto place = [&](int k) { return moved(view.place, fits[static_cast<std::size_t>(k)].shift); };
  const double body_pixels = shapes.body_pixels(view.place);
  BoxMask& result = result_[static_cast<std::size_t>(t)];
  result = view.visible;
  const cv::Rect area = cv::boundingRect(view.covered);
  if (!area.empty()) {
    cv::Mat inside = cv::Mat::zeros(area.size(), CV_32F);
    for (const int k : best)
      inside += std::exp((costs(0, best.front()) - costs(0, k)) / kLikely) * depth_inside(shapes.at(k, place(k), area));
    cv::Mat whole = full_mask(view.visible, seen_.size);
    const cv::Mat added = (inside > 0) & view.covered(area) & ~whole(area);
    whole(area).setTo(255, added);
    if (cv::countNonZero(added) > kLeastAddition * body_pixels) result = box_mask_from_full(whole);
  }
  learn(t, place(best.front()), body_pixels);
}

void ObjectCompletion::learn(int t, const BodyPlacement& place, double body_pixels) {
  const auto at = static_cast<std::size_t>(t);
  const double visible = masks_[at].area(), missing = result_[at].area() - visible;
  const bool whole = visible > 0 && missing < kNearlyWhole * result_[at].area();
  const double share = std::min(1.0, visible / body_pixels);
  places_[at] = whole ? placement_of(result_[at]) : place;
  weights_[at] = whole ? 1 : kPartWeight * share * share;
}

}  // namespace retime
