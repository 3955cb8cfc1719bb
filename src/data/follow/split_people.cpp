#include "data/follow/split_people.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "data/follow/colour_model.hpp"

namespace retime {
namespace {

constexpr float kSurely = 0.7F, kPossibly = 0.15F, kHalf = 0.5F;
constexpr float kAnywhere = 0.02F;    // probability that a label is where the flow does not bring it
constexpr float kFlowAlone = 0.35F;   // trust in the flow where colours speak for the background
constexpr double kWithoutPose = 0.5;  // weight of a label where its pose has no body; with one, 1 more
constexpr double kTiny = 1e-9;
constexpr float kWorkingSize = 200;   // pixels of bodies, that larger ones are reduced to
constexpr float kBlur = 0.012F;       // of the labels that flow brings, of a body's size
constexpr float kReach = 0.03F;       // of bodies beyond those labels, likewise
constexpr float kBesidePose = 0.03F;  // of a label beyond its pose's body where there is one, likewise
constexpr float kBackground = 0.08F;  // distance of what is surely background from bodies, likewise

using Labels = std::vector<cv::Mat>;  // CV_32F for each person

cv::Mat sum_of(const Labels& labels) {
  cv::Mat sum = labels.front().clone();
  for (std::size_t k = 1; k < labels.size(); ++k) sum += labels[k];
  return sum;
}

cv::Mat grown(const cv::Mat& mask, float radius) {
  const int side = 2 * std::max(1, cvRound(radius)) + 1;
  cv::Mat result;
  cv::dilate(mask, result, cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}));
  return result;
}

cv::Mat in_lab(const cv::Mat& rgb) {
  cv::Mat lab;
  cv::cvtColor(rgb, lab, cv::COLOR_RGB2Lab);
  return lab;
}

/// A contact, frame by frame. All is done in the part of the frames that holds its people, reduced where they are
/// large.
class Splitter {
 public:
  Splitter(const FrameSequence& frames, const std::vector<Tracklet>& people, const PeopleContact& contact)
      : frames_(frames), contact_(contact), colours_(contact.people.size()) {
    contact_.last = std::min(contact_.last, frames.count() - 1);
    for (const auto index : contact.people) people_.push_back(&people[index]);
    find_part();
  }

  std::vector<SoftMasks> run() {
    const int before = contact_.first - 1, after = contact_.last + 1;
    const bool from_before = shows_all(before), from_after = shows_all(after);
    if (!from_before && !from_after) return {};
    for (const int clean : {before, after})
      if (shows_all(clean)) learn_colours(clean);
    for (auto& colours : colours_) colours.finish();
    background_.finish();
    const auto forwards = from_before ? swept(before, contact_.last) : LabelsByFrame{};
    const auto backwards = from_after ? swept(after, contact_.first) : LabelsByFrame{};
    return blended(forwards, backwards);
  }

 private:
  using LabelsByFrame = std::map<int, Labels>;  // CV_8U

  void find_part() {
    for (const Tracklet* person : people_)
      for (auto body = person->lower_bound(contact_.first - 1); body != person->upper_bound(contact_.last + 1);
           ++body) {
        part_ |= body->second.mask.box();
        body_size_ = std::max(body_size_, body->second.size());
      }
    const int margin = cvRound(0.1F * body_size_) + 4;
    part_ += cv::Size(2 * margin, 2 * margin);
    part_ -= cv::Point(margin, margin);
    part_ &= cv::Rect(0, 0, frames_.size().width, frames_.size().height);
    const float scale = std::min(1.0F, kWorkingSize / std::max(1.0F, body_size_));
    body_size_ *= scale;
    size_ = {std::max(1, cvRound(scale * part_.width)), std::max(1, cvRound(scale * part_.height))};
  }

  cv::Mat reduced(const cv::Mat& part) const {
    cv::Mat result;
    cv::resize(part, result, size_, 0, 0, cv::INTER_AREA);
    return result;
  }

  cv::Mat picture(int frame) const { return reduced(frames_.frame(frame)(part_)); }

  bool shows_all(int frame) const {
    return std::all_of(people_.begin(), people_.end(), [&](const Tracklet* person) { return person->contains(frame); });
  }

  /// The masks of the poses of a frame, each pixel left to the surest; none where somebody is not seen.
  Labels seen(int frame) const {
    if (!shows_all(frame)) return {};
    Labels masks, labels;
    for (const Tracklet* person : people_) masks.push_back(reduced(person->at(frame).mask.part(part_)));
    for (std::size_t k = 0; k < masks.size(); ++k) {
      labels.push_back(masks[k].clone());
      for (const cv::Mat& other : masks) labels[k].setTo(0, other > masks[k]);
    }
    return labels;
  }

  /// What any pose shows as a body.
  cv::Mat bodies(int frame) const {
    cv::Mat all = cv::Mat::zeros(size_, CV_32F);
    for (const Tracklet* person : people_)
      if (const auto found = person->find(frame); found != person->end())
        all = cv::max(all, reduced(found->second.mask.part(part_)));
    return all;
  }

  void learn_colours(int frame) {
    const cv::Mat colours = in_lab(picture(frame));
    const Labels labels = seen(frame);
    for (std::size_t k = 0; k < labels.size(); ++k) colours_[k].add(colours, labels[k] > kSurely);
    background_.add(colours, ~grown(sum_of(labels) > kPossibly, kBackground * body_size_));
  }

  /// Labels of the frames from the one beside `start` to `end`.
  LabelsByFrame swept(int start, int end) {
    const int step = start < end ? 1 : -1;
    LabelsByFrame result;
    Labels labels = seen(start);
    cv::Mat last, grey;
    cv::cvtColor(picture(start), last, cv::COLOR_RGB2GRAY);
    for (int t = start + step; t != end + step; t += step) {
      const cv::Mat rgb = picture(t);
      cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
      labels = weighed(carried(labels, last, grey), in_lab(rgb), t);
      for (cv::Mat& label : labels) {
        cv::GaussianBlur(label, label, {}, 1.2);
        label.convertTo(result[t].emplace_back(), CV_8U, 255);
      }
      cv::swap(last, grey);
    }
    return result;
  }

  Labels carried(const Labels& labels, const cv::Mat& from, const cv::Mat& to) {
    cv::Mat flow;
    flow_->calc(to, from, flow);
    for (int y = 0; y < flow.rows; ++y)
      for (int x = 0; x < flow.cols; ++x)
        flow.at<cv::Vec2f>(y, x) += cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
    Labels result(labels.size());
    for (std::size_t k = 0; k < labels.size(); ++k) {
      cv::remap(labels[k], result[k], flow, {}, cv::INTER_LINEAR);
      cv::GaussianBlur(result[k], result[k], {}, std::max(0.5F, kBlur * body_size_));
    }
    return result;
  }

  Labels weighed(const Labels& flown, const cv::Mat& colours, int frame) const {
    const Labels poses = seen(frame);
    Labels likely(flown.size());
    cv::Mat mean = cv::Mat::zeros(size_, CV_32F), root;
    for (std::size_t k = 0; k < flown.size(); ++k) {
      const cv::Mat likelihood = colours_[k].likelihood(colours);
      mean += likelihood / static_cast<double>(flown.size());
      cv::sqrt(likelihood, root);
      likely[k] = (flown[k] + kAnywhere).mul(root);
      if (!poses.empty()) likely[k] = likely[k].mul(kWithoutPose + poses[k]);
      if (const auto body = people_[k]->find(frame); body != people_[k]->end())
        likely[k].setTo(0, ~grown(reduced(body->second.mask.part(part_)) > kPossibly, kBesidePose * body_size_));
    }
    const cv::Mat body = body_of(cv::min(sum_of(flown), 1.0), mean, colours, frame), all = sum_of(likely) + kTiny;
    for (cv::Mat& label : likely) {
      label = label / all;
      label.setTo(0, body <= kHalf);
    }
    return likely;
  }

  /// What is anybody, by the poses or, where colours agree, by the flow.
  cv::Mat body_of(const cv::Mat& flow, const cv::Mat& likelihood, const cv::Mat& colours, int frame) const {
    cv::Mat on_bodies, on_background;
    cv::sqrt(likelihood, on_bodies);
    cv::sqrt(background_.likelihood(colours), on_background);
    const cv::Mat for_body = flow.mul(on_bodies), against = cv::max(1 - flow, 0.05).mul(on_background);
    const cv::Mat by_colour = for_body / (for_body + against + kTiny);
    cv::Mat body = cv::max(bodies(frame), flow.mul(kFlowAlone + (1 - kFlowAlone) * by_colour));
    body.setTo(0, ~grown(flow > kPossibly, kReach * body_size_));
    return body;
  }

  /// Both sweeps, each the more the nearer its clean frame is.
  std::vector<SoftMasks> blended(const LabelsByFrame& forwards, const LabelsByFrame& backwards) const {
    std::vector<SoftMasks> result(people_.size());
    const double length = contact_.last - contact_.first + 2;
    for (int t = contact_.first; t <= contact_.last; ++t) {
      const double share = (t - contact_.first + 1) / length;
      const double late = forwards.empty() ? 1 : backwards.empty() ? 0 : share;
      for (std::size_t k = 0; k < people_.size(); ++k) {
        cv::Mat mask = cv::Mat::zeros(frames_.size().height, frames_.size().width, CV_32F), label;
        cv::Mat into = mask(part_);
        for (const auto& [labels, weight] : {std::pair{&forwards, 1 - late}, {&backwards, late}}) {
          if (weight <= 0) continue;
          cv::resize(labels->at(t)[k], label, part_.size(), 0, 0, cv::INTER_LINEAR);
          label.convertTo(label, CV_32F, weight / 255);
          into += label;
        }
        result[k][t] = SoftMask(mask);
      }
    }
    return result;
  }

  const FrameSequence& frames_;
  PeopleContact contact_;
  std::vector<const Tracklet*> people_;
  std::vector<ColourModel> colours_;
  ColourModel background_;
  cv::Rect part_;
  cv::Size size_;        // of the part, reduced
  float body_size_ = 0;  // likewise
  cv::Ptr<cv::DISOpticalFlow> flow_ = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
};

}  // namespace

std::vector<SoftMasks> split_people(const FrameSequence& frames, const std::vector<Tracklet>& people,
                                    const PeopleContact& contact) {
  return Splitter(frames, people, contact).run();
}

}  // namespace retime
