#include "bench/scaling_plot.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/scaling_report.hpp"
#include "bench/table.hpp"
#include "core/text.hpp"

// By hand: the few shapes of a plot need no plotting library, which a GPU node would have to have.

namespace retime {
namespace {

using Anchor = SvgWriter::Anchor;

constexpr double kWidth = 980, kRowHeight = 360, kTop = 24, kPanelHeight = 220, kLeft = 80, kPanelWidth = 370,
                 kGap = 110, kHeading = 56;
// Colours of Okabe and Ito, which colour-blind readers tell apart.
constexpr std::array<const char*, kStepParts> kPartColors{"#56b4e9", "#0072b2", "#009e73", "#d55e00", "#cc79a7"};
constexpr std::array<const char*, kStepParts> kPartLabels{"data", "forward", "backward", "exposed communication",
                                                          "optimizer"};
constexpr const char *kMeasured = "#0072b2", *kIdeal = "#888888", *kGrid = "#e4e4e4";

/// Where a panel lies in the picture.
struct Panel {
  double left, top;
  double right() const { return left + kPanelWidth; }
  double bottom() const { return top + kPanelHeight; }
};

/// 1, 2 or 5 times a power of ten, at least `value`.
double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= value * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/// A short number: as many decimals as `step` needs.
std::string tick_label(double value, double step) {
  return fixed(value, std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6));
}

void draw_frame(SvgWriter& svg, const Panel& panel, const std::string& x_label, const std::string& y_label) {
  svg.line({panel.left, panel.top}, {panel.left, panel.bottom()}, {});
  svg.line({panel.left, panel.bottom()}, {panel.right(), panel.bottom()}, {});
  svg.text({(panel.left + panel.right()) / 2, panel.bottom() + 40}, x_label, {12, Anchor::kMiddle});
  svg.text({panel.left - 56, (panel.top + panel.bottom()) / 2}, y_label,
           {.size = 12, .anchor = Anchor::kMiddle, .turned = -90});
}

/// A vertical axis from 0 in about five steps; returns the pixels of one unit.
double draw_linear_axis(SvgWriter& svg, const Panel& panel, double highest) {
  const double step = round_up(highest / 5), top = std::ceil(highest / step * (1 - 1e-9)) * step;
  const double scale = kPanelHeight / top;
  for (double value = 0; value <= top * (1 + 1e-9); value += step) {
    const double y = panel.bottom() - value * scale;
    if (value > 0) svg.line({panel.left, y}, {panel.right(), y}, {kGrid, 1});
    svg.text({panel.left - 8, y + 4}, tick_label(value, step), {11, Anchor::kEnd});
  }
  return scale;
}

/// Frames per second over ranks; both axes are linear and begin at 0, so that ideal scaling is a straight line.
void draw_speed(SvgWriter& svg, const Panel& panel, const ScalingSeries& series) {
  const auto& first = series.points.front();
  const double most_ranks = series.points.back().ranks, ideal = first.frames_per_s() / first.ranks;
  double highest = ideal * most_ranks;
  for (const auto& point : series.points) highest = std::max(highest, point.median.global_batch() / point.min_s);
  const double scale = draw_linear_axis(svg, panel, highest);
  const auto place = [&](double ranks, double frames_per_s) {
    return SvgPoint{panel.left + kPanelWidth * ranks / (most_ranks * 1.08), panel.bottom() - frames_per_s * scale};
  };
  svg.line(place(0, 0), place(most_ranks, ideal * most_ranks), {kIdeal, 1.5, "6 4"});
  std::vector<SvgPoint> line, lowest;
  double last_label = -1e9;
  for (const auto& point : series.points) {
    const double batch = point.median.global_batch();
    line.push_back(place(point.ranks, point.frames_per_s()));
    const SvgPoint low = place(point.ranks, batch / point.max_s), high = place(point.ranks, batch / point.min_s);
    lowest.push_back(low);
    svg.line(low, high, {kMeasured, 1.5});
    for (const auto& end : {low, high}) svg.line({end.x - 4, end.y}, {end.x + 4, end.y}, {kMeasured, 1.5});
    if (line.back().x - last_label < 18) continue;  // labels of few ranks among many would overlap
    last_label = line.back().x;
    svg.text({last_label, panel.bottom() + 18}, std::to_string(point.ranks), {11, Anchor::kMiddle});
  }
  svg.polyline(line, {kMeasured, 2});
  for (std::size_t i = 0; i < line.size(); ++i) {
    svg.dot(line[i], 4.5, kMeasured, series.points[i].oversubscribed);
    if (i == 0) continue;
    svg.text({line[i].x, std::max(line[i].y + 22, lowest[i].y + 16)},
             fixed(100 * series.points[i].efficiency, 0) + " %", {11, Anchor::kMiddle, false, kMeasured});
  }
  draw_frame(svg, panel, "ranks", "frames per second");
  svg.line({panel.left + 12, panel.top + 6}, {panel.left + 40, panel.top + 6}, {kIdeal, 1.5, "6 4"});
  svg.text({panel.left + 46, panel.top + 10}, "ideal", {11});
  svg.line({panel.left + 12, panel.top + 24}, {panel.left + 40, panel.top + 24}, {kMeasured, 2});
  svg.dot({panel.left + 26, panel.top + 24}, 4, kMeasured, false);
  svg.text({panel.left + 46, panel.top + 28}, "measured, efficiency", {11});
}

void draw_parts(SvgWriter& svg, const Panel& panel, const ScalingSeries& series) {
  double highest = 0;
  for (const auto& point : series.points) highest = std::max(highest, 1000 * point.step_s());
  const double scale = draw_linear_axis(svg, panel, highest);
  const double slot = kPanelWidth / static_cast<double>(series.points.size()), bar = std::min(64.0, 0.6 * slot);
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const auto& point = series.points[i];
    const double x = panel.left + (static_cast<double>(i) + 0.5) * slot;
    double y = panel.bottom();
    for (std::size_t part = 0; part < kStepParts; ++part) {
      const double height = 1000 * point.median.step.part_s[part] * scale;
      y -= height;
      svg.rectangle({x - bar / 2, y}, bar, height, kPartColors[part], point.oversubscribed ? 0.55 : 1);
    }
    svg.text({x, panel.bottom() + 18}, std::to_string(point.ranks) + (point.oversubscribed ? "*" : ""),
             {11, Anchor::kMiddle});
  }
  draw_frame(svg, panel, "ranks", "ms per step");
}

bool any_oversubscribed(const ScalingSeries& series) {
  return std::any_of(series.points.begin(), series.points.end(), [](const auto& p) { return p.oversubscribed; });
}

void draw_row(SvgWriter& svg, double top, const ScalingSeries& series) {
  std::string title = series_title(series);
  title[0] = series.setup.mode == ScalingMode::kWeak ? 'W' : 'S';
  svg.text({kLeft - 56, top + 14}, title, {15, Anchor::kStart, true});
  std::string setup = setup_text(series.setup);
  if (any_oversubscribed(series)) setup += "; hollow, pale, *: oversubscribed";
  svg.text({kLeft - 56, top + 33}, setup, {11, Anchor::kStart, false, "#555555"});
  const Panel speed{kLeft, top + kHeading}, parts{kLeft + kPanelWidth + kGap, top + kHeading};
  draw_speed(svg, speed, series);
  draw_parts(svg, parts, series);
}

void draw_legend(SvgWriter& svg, double y) {
  constexpr std::array<double, kStepParts> kPlaces{0, 70, 160, 258, 435};
  for (std::size_t part = 0; part < kStepParts; ++part) {
    const double x = kWidth - 550 + kPlaces[part];
    svg.rectangle({x, y - 10}, 12, 12, kPartColors[part]);
    svg.text({x + 17, y}, kPartLabels[part], {11});
  }
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + markup_text(value) + "\"";
}
std::string attribute(const std::string& name, double value) { return attribute(name, fixed(value, 2)); }

std::string stroke_attributes(const SvgWriter::Stroke& stroke) {
  return attribute("stroke", stroke.color) + attribute("stroke-width", stroke.width) +
         (stroke.dashes.empty() ? "" : attribute("stroke-dasharray", stroke.dashes));
}

}  // namespace

std::string scaling_plot(const std::vector<ScalingSeries>& all) {
  const double height = kTop + kRowHeight * static_cast<double>(all.size()) + 28;
  SvgWriter svg(kWidth, height);
  for (std::size_t i = 0; i < all.size(); ++i) draw_row(svg, kTop + kRowHeight * static_cast<double>(i), all[i]);
  draw_legend(svg, height - 18);
  return svg.str();
}

SvgWriter::SvgWriter(double width, double height) : width_(width), height_(height) {
  rectangle({0, 0}, width, height, "#ffffff");
}

void SvgWriter::line(SvgPoint from, SvgPoint to, const Stroke& stroke) {
  body_ += "<line" + attribute("x1", from.x) + attribute("y1", from.y) + attribute("x2", to.x) + attribute("y2", to.y) +
           stroke_attributes(stroke) + "/>\n";
}

void SvgWriter::polyline(const std::vector<SvgPoint>& points, const Stroke& stroke) {
  std::string places;
  for (const auto& point : points)
    places += fmt::format("{}{:.2f},{:.2f}", places.empty() ? "" : " ", point.x, point.y);
  body_ += "<polyline" + attribute("points", places) + attribute("fill", std::string("none")) +
           stroke_attributes(stroke) + "/>\n";
}

void SvgWriter::rectangle(SvgPoint corner, double width, double height, const std::string& fill, double opacity) {
  body_ += "<rect" + attribute("x", corner.x) + attribute("y", corner.y) + attribute("width", width) +
           attribute("height", height) + attribute("fill", fill) +
           (opacity < 1 ? attribute("fill-opacity", opacity) : "") + "/>\n";
}

void SvgWriter::dot(SvgPoint center, double radius, const std::string& color, bool hollow) {
  body_ += "<circle" + attribute("cx", center.x) + attribute("cy", center.y) + attribute("r", radius) +
           attribute("fill", hollow ? std::string("#ffffff") : color) + stroke_attributes({color, 2}) + "/>\n";
}

void SvgWriter::text(SvgPoint place, const std::string& words, const TextStyle& style) {
  const char* const anchors[] = {"start", "middle", "end"};
  body_ += "<text" + attribute("x", place.x) + attribute("y", place.y) + attribute("font-size", style.size) +
           attribute("fill", style.color) +
           attribute("text-anchor", std::string(anchors[static_cast<int>(style.anchor)])) +
           (style.bold ? attribute("font-weight", std::string("bold")) : "");
  if (style.turned != 0)
    body_ += attribute("transform",
                       "rotate(" + fixed(style.turned, 1) + " " + fixed(place.x, 2) + " " + fixed(place.y, 2) + ")");
  body_ += ">" + markup_text(words) + "</text>\n";
}

std::string SvgWriter::str() const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         attribute("width", width_) + attribute("height", height_) +
         attribute("viewBox", "0 0 " + fixed(width_, 0) + " " + fixed(height_, 0)) +
         attribute("font-family", std::string("DejaVu Sans, Helvetica, Arial, sans-serif")) + ">\n" + body_ +
         "</svg>\n";
}

}  // namespace retime
