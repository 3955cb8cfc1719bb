#include "data/complete/object_completion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "data/complete/best_paths.hpp"
#include "data/complete/body_estimate.hpp"

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
constexpr double kLikelyGuess = 0.05;                   // how much worse a guess weighs less by a factor of e
constexpr double kMostDepth = 0.2;                      // heights: no outline counts for more where it is far
constexpr double kMostContradiction = 0.5;              // of a guess to what is visible, with nothing else to go by

BodyPlacement moved(BodyPlacement place, cv::Point2d shift) {
  place.x += shift.x * place.height;
  place.y += shift.y * place.height;
  return place;
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

ObjectCompletion::ObjectCompletion(const SeenObjects& seen, const std::vector<OrderedContact>& contacts, int object,
                                   const BodyGuess& guess)
    : seen_(seen),
      object_(object),
      masks_(seen.tracks[static_cast<std::size_t>(object)].frames),
      fronts_(masks_.size(), std::vector<bool>(seen.tracks.size())),
      weights_(whole_frames(seen, contacts, object)),
      places_(seen.places[static_cast<std::size_t>(object)]),
      known_(masks_),
      result_(masks_),
      guess_(guess),
      is_guessed_(masks_.size()) {
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
  if (path_.empty()) {
    complete_by_guesses();
    return result_;
  }
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
  PartView view = covered_view(t);
  view.place = path_[static_cast<std::size_t>(t)];
  view.reach = kNearReach + kFarReach * frames_to_whole(t);
  return view;
}

PartView ObjectCompletion::covered_view(int t) const {
  const auto at = static_cast<std::size_t>(t);
  PartView view{masks_[at], cv::Mat::zeros(seen_.size.height, seen_.size.width, CV_8U), {}, 0};
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
  result_[static_cast<std::size_t>(t)] = view.visible;
  const cv::Rect area = cv::boundingRect(view.covered);
  if (!area.empty()) {
    cv::Mat inside = cv::Mat::zeros(area.size(), CV_32F);
    double weights = 0;
    for (const int k : best) {
      const double weight = std::exp((costs(0, best.front()) - costs(0, k)) / kLikely);
      inside += weight * depth_inside(shapes.at(k, place(k), area));
      weights += weight;
    }
    inside /= weights;
    blend_in_guess(t, view, fits[static_cast<std::size_t>(best.front())].misfit, area, inside);
    add(t, view, inside, area, body_pixels);
  }
  learn(t, place(best.front()), body_pixels);
}

// The better of the two counts for more: how far outlines go is a mean of both.
void ObjectCompletion::blend_in_guess(int t, const PartView& view, double misfit, const cv::Rect& area,
                                      cv::Mat& inside) {
  const auto& guess = guess_at(t);
  if (!guess) return;
  const double better = misfit - contradiction_of(guess->body, view);
  const double odds = guess->confidence * std::exp(better / kLikelyGuess), share = odds / (1 + odds);
  const double most = kMostDepth * view.place.height;
  const auto limited = [&](const cv::Mat& depth) { return cv::Mat(cv::min(cv::max(depth, -most), most)); };
  inside = (1 - share) * limited(inside) + share * limited(depth_inside(guess->body, area));
  is_guessed_[static_cast<std::size_t>(t)] = share > 0.5;
}

void ObjectCompletion::add(int t, const PartView& view, const cv::Mat& inside, const cv::Rect& area,
                           double body_pixels) {
  cv::Mat whole = full_mask(view.visible, seen_.size);
  const cv::Mat added = (inside > 0) & view.covered(area) & ~whole(area);
  whole(area).setTo(255, added);
  if (cv::countNonZero(added) > kLeastAddition * body_pixels)
    result_[static_cast<std::size_t>(t)] = box_mask_from_full(whole);
}

const std::optional<BodyEstimate>& ObjectCompletion::guess_at(int t) {
  auto found = guesses_.find(t);
  if (found == guesses_.end()) found = guesses_.emplace(t, guess_ ? guess_(object_, t) : std::nullopt).first;
  return found->second;
}

void ObjectCompletion::complete_by_guesses() {
  for (const int t : hidden_) {
    const auto& guess = guess_at(t);
    if (!guess) continue;
    const PartView view = covered_view(t);
    if (contradiction_of(guess->body, view) > kMostContradiction) continue;
    const cv::Rect area = guess->body.box;
    add(t, view, depth_inside(guess->body, area), area, guess->body.area());
    is_guessed_[static_cast<std::size_t>(t)] = result_[static_cast<std::size_t>(t)].area() > view.visible.area();
  }
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
