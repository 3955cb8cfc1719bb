#include "post/compose/residual_pass.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/parallel_rows.hpp"

namespace retime {
namespace {

constexpr int kRgb = 3, kRgba = 4;
// Alphas from which a moved layer is a body, which has its own noise, and not an effect on what it lies over.
constexpr float kEffect = 0.6F, kBody = 0.9F;
constexpr float kNothing = 1.0F / 512;  // a weight below this adds nothing

float body_share(float alpha) { return std::clamp((alpha - kEffect) / (kBody - kEffect), 0.0F, 1.0F); }

/// Pixels of a row, [begin, end).
struct Span {
  int begin, end;
  bool contains(int x) const { return x >= begin && x < end; }
};

// The part of a row that holds all pixels of a layer which are not fully transparent, joined to `span`.
void join(Span& span, const Image& rgba, int y) {
  const std::uint8_t* row = rgba.row(y);
  int end = rgba.size.width;
  while (end > span.end && row[kRgba * end - 1] == 0) --end;
  int begin = 0;
  while (begin < std::min(span.begin, end) && row[kRgba * begin + 3] == 0) ++begin;
  if (begin >= end) return;
  span = {std::min(span.begin, begin), std::max(span.end, end)};
}

// The distance of each pixel to the nearest 0, in steps along rows and columns, up to `most`, which all others hold.
void spread_distances(Image& distance, int most) {
  const int w = distance.size.width, h = distance.size.height;
  const auto lower = [](std::uint8_t& value, std::uint8_t neighbour) {
    value = std::min(value, static_cast<std::uint8_t>(neighbour + 1));
  };
  for (int y = 0; y < h; ++y) {
    std::uint8_t* row = distance.row(y);
    if (y > 0)
      for (int x = 0; x < w; ++x) lower(row[x], distance.row(y - 1)[x]);
    for (int x = 1; x < w; ++x) lower(row[x], row[x - 1]);
  }
  for (int y = h; y-- > 0;) {
    std::uint8_t* row = distance.row(y);
    if (y + 1 < h)
      for (int x = 0; x < w; ++x) lower(row[x], distance.row(y + 1)[x]);
    for (int x = w - 1; x-- > 0;) lower(row[x], row[x + 1]);
    for (int x = 0; x < w; ++x) row[x] = std::min(row[x], static_cast<std::uint8_t>(most));
  }
}

std::uint8_t held_level(float value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F) + 0.5F); }

}  // namespace

/// An output frame beside the frame that was recorded at its view.
struct ResidualPass::Frame {
  struct Layer {
    ShownPicture picture;
    bool changed = false;  ///< not as in the frame, or in the frame alone
  };
  std::vector<Layer> shown;       ///< back to front
  std::vector<Layer> unedited;    ///< likewise, of the frame
  std::vector<bool> away;         ///< [layers] not all there at its own time
  bool anything_changed = false;  ///< whether any layer is
};

/// Works on rows of one output frame; holds what a row needs.
class ResidualPass::Rows {
 public:
  Rows(const Frame& frame, const FrameResidual& residual, const Image& presence, const GrainBank::Frame* grain,
       Image& rgb)
      : frame_(frame), residual_(residual), presence_(presence), grain_(grain), rgb_(rgb) {
    const auto width = static_cast<std::size_t>(rgb.size.width);
    own_.resize(frame.away.size() * width);
    for (auto* row : {&through_, &weight_, &moved_bodies_}) row->resize(width);
    touched_.resize(width);
  }

  void add(int y) {
    const Span changed = changed_span(y);
    const std::uint8_t* presence = presence_.pixels.empty() ? nullptr : presence_.row(y);
    if (changed.begin >= changed.end && !presence) return add_recorded(y, 0, rgb_.size.width);
    weigh(y, changed);
    for (int x = 0; x < rgb_.size.width; ++x) {
      const auto place = static_cast<std::size_t>(x);
      const bool touched = changed.contains(x) && touched_[place] != 0;
      const float there = presence ? static_cast<float>(presence[x]) / kFade : 1.0F;
      if (touched)
        blend(x, y, there * weight_[place], moved_bodies_[place]);
      else if (there < 1)
        blend(x, y, there, 0);
      else
        add_recorded(y, x, x + 1);
    }
  }

 private:
  // All pixels of a row that show a changed layer lie there.
  Span changed_span(int y) const {
    Span span{rgb_.size.width, 0};
    for (const auto* layers : {&frame_.shown, &frame_.unedited})
      for (const auto& layer : *layers)
        if (layer.changed) join(span, *layer.picture.rgba, y);
    return span.begin < span.end ? span : Span{0, 0};
  }

  void add_recorded(int y, int begin, int end) {
    std::uint8_t* rgb = rgb_.row(y);
    const std::int8_t* values = residual_.values.data() + static_cast<std::size_t>(y) * rgb_.stride();
    for (int i = kRgb * begin; i < kRgb * end; ++i) rgb[i] = static_cast<std::uint8_t>(rgb[i] + values[i]);
  }

  // What each layer contributes, from the front backwards: `use(layer, x, contribution, alpha)`.
  template <class Use>
  void contributions(const std::vector<Frame::Layer>& layers, int y, Span span, const Use& use) {
    std::fill(through_.begin() + span.begin, through_.begin() + span.end, 1.0F);
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      const std::uint8_t* row = layer->picture.rgba->row(y);
      const float scale = layer->picture.opacity / 255.0F;
      for (int x = span.begin; x < span.end; ++x) {
        const float alpha = scale * row[kRgba * x + 3];
        if (alpha == 0) continue;
        float& through = through_[static_cast<std::size_t>(x)];
        use(*layer, static_cast<std::size_t>(x), through * alpha, alpha);
        through *= 1 - alpha;
      }
    }
  }

  void weigh(int y, Span span) {
    const auto width = static_cast<std::size_t>(rgb_.size.width);
    for (std::size_t layer = 0; layer < frame_.away.size(); ++layer)
      std::fill_n(own_.begin() + static_cast<std::ptrdiff_t>(layer * width) + span.begin, span.end - span.begin, 0.0F);
    for (auto* row : {&weight_, &moved_bodies_}) std::fill(row->begin() + span.begin, row->begin() + span.end, 0.0F);
    std::fill(touched_.begin() + span.begin, touched_.begin() + span.end, std::uint8_t{0});
    const auto own = [&](const Frame::Layer& layer, std::size_t x) -> float& {
      return own_[static_cast<std::size_t>(layer.picture.layer) * width + x];
    };
    contributions(frame_.shown, y, span, [&](const Frame::Layer& layer, std::size_t x, float share, float alpha) {
      if (layer.changed) touched_[x] = 1;
      if (layer.picture.own_time)
        own(layer, x) += share;
      else if (layer.picture.layer != 0)
        moved_bodies_[x] += share * body_share(alpha);
    });
    contributions(frame_.unedited, y, span, [&](const Frame::Layer& layer, std::size_t x, float share, float) {
      if (layer.changed) touched_[x] = 1;
      weight_[x] += std::min(share, own(layer, x));
    });
  }

  // Grain makes up for what is missing of the noise; independent noises add up by their squares.
  void blend(int x, int y, float weight, float moved_bodies) {
    const float noisy = std::max(1 - moved_bodies, 0.0F);
    const float missing = std::sqrt(std::max(noisy * noisy - weight * weight, 0.0F));
    const std::int8_t* grain = grain_ && missing > kNothing ? grain_->at(x, y) : nullptr;
    const std::int8_t* value =
        residual_.values.data() + static_cast<std::size_t>(y) * rgb_.stride() + static_cast<std::ptrdiff_t>(kRgb * x);
    std::uint8_t* rgb = rgb_.row(y) + static_cast<std::ptrdiff_t>(kRgb * x);
    for (int c = 0; c < kRgb; ++c)
      rgb[c] = held_level(static_cast<float>(rgb[c]) + weight * static_cast<float>(value[c]) +
                          (grain ? missing * static_cast<float>(grain[c]) : 0.0F));
  }

  const Frame& frame_;
  const FrameResidual& residual_;
  const Image& presence_;
  const GrainBank::Frame* grain_;
  Image& rgb_;
  std::vector<float> own_;                              ///< [layers, W] contributions at the frame's own time
  std::vector<float> through_, weight_, moved_bodies_;  ///< [W]
  std::vector<std::uint8_t> touched_;                   ///< [W] where a changed layer is seen
};

ResidualPass::ResidualPass(LayerSource& source, LayerCache& cache, Grain grain, int threads)
    : source_(source), cache_(cache), grain_kind_(grain), threads_(threads) {}

ResidualPass::Frame ResidualPass::compare(std::span<const ShownPicture> shown, int view) {
  Frame frame;
  std::vector<int> order{0};
  for (const int layer : source_.order(view)) order.push_back(layer);
  std::vector<int> unchanged;
  std::vector<bool> there(source_.info().layer_names.size());
  for (const ShownPicture& picture : shown) {
    const auto layer = static_cast<std::size_t>(picture.layer);
    const bool as_in_frame = picture.own_time && picture.opacity == 1.0F && !there[layer];
    frame.shown.push_back({picture, !as_in_frame});
    if (!as_in_frame) continue;
    there[layer] = true;
    unchanged.push_back(picture.layer);
  }
  std::vector<int> left;
  std::copy_if(order.begin(), order.end(), std::back_inserter(left),
               [&](int layer) { return there[static_cast<std::size_t>(layer)]; });
  const bool reordered = left != unchanged;
  for (auto& layer : frame.shown) layer.changed |= reordered && layer.picture.layer != 0;
  frame.anything_changed = reordered || left.size() != order.size() || left.size() != shown.size();
  frame.away.resize(there.size());
  std::transform(there.begin(), there.end(), frame.away.begin(), [](bool value) { return !value; });
  if (!frame.anything_changed) return frame;
  for (const int layer : order) {
    const Image& rgba = cache_.get(layer, {view, view, 0}, view);
    frame.unedited.push_back(
        {{&rgba, 1.0F, layer, true}, !there[static_cast<std::size_t>(layer)] || (reordered && layer != 0)});
  }
  return frame;
}

void ResidualPass::measure_presence(const Frame& frame) {
  std::array<std::uint8_t, 256> presence_of{};  // by owner
  presence_of.fill(kFade);
  for (std::size_t layer = 1; layer < std::min(frame.away.size(), presence_of.size()); ++layer)
    if (frame.away[layer]) presence_of[layer] = 0;
  const auto& owners = residual_.owner.pixels;
  if (std::none_of(owners.begin(), owners.end(), [&](std::uint8_t owner) { return presence_of[owner] == 0; })) return;
  presence_ = Image(residual_.owner.size, 1);
  std::transform(owners.begin(), owners.end(), presence_.pixels.begin(),
                 [&](std::uint8_t owner) { return presence_of[owner]; });
  spread_distances(presence_, kFade);
}

void ResidualPass::load_grain() {
  if (grain_kind_ == Grain::kMatch && !grain_)
    grain_.emplace(source_.info(), [&](int frame, FrameResidual& residual) { source_.read_residual(frame, residual); });
}

void ResidualPass::add(std::span<const ShownPicture> shown, int output_frame, int view, Image& rgb) {
  if (view != residual_frame_) source_.read_residual(view, residual_);
  residual_frame_ = view;
  const Frame frame = compare(shown, view);
  std::optional<GrainBank::Frame> grain;
  presence_ = {};
  if (frame.anything_changed) {
    measure_presence(frame);
    load_grain();
    if (grain_) grain.emplace(*grain_, output_frame, view);
  }
  parallel_rows(rgb.size.height, threads_, [&](int begin, int end) {
    Rows rows(frame, residual_, presence_, grain ? &*grain : nullptr, rgb);
    for (int y = begin; y < end; ++y) rows.add(y);
  });
}

}  // namespace retime
