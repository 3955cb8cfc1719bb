#pragma once

#include <string>
#include <vector>

namespace retime {

struct ScalingSeries;

/// An SVG picture with a row for each series: frames per second over ranks with the ideal line and the spread of runs,
/// and beside it the step as a stacked bar of its parts for each number of ranks. Points of oversubscribed runs are
/// hollow.
std::string scaling_plot(const std::vector<ScalingSeries>& all);

struct SvgPoint {
  double x, y;
};

/// Draws shapes and texts into an SVG picture; coordinates are pixels, y points down.
class SvgWriter {
 public:
  SvgWriter(double width, double height);

  struct Stroke {
    std::string color = "#444444";
    double width = 1;
    std::string dashes{};  ///< as in SVG's stroke-dasharray; empty: solid
  };
  void line(SvgPoint from, SvgPoint to, const Stroke& stroke);
  void polyline(const std::vector<SvgPoint>& points, const Stroke& stroke);
  void rectangle(SvgPoint corner, double width, double height, const std::string& fill, double opacity = 1);
  /// A disc in `color`, or, hollow, its outline over white.
  void dot(SvgPoint center, double radius, const std::string& color, bool hollow);

  enum class Anchor { kStart, kMiddle, kEnd };
  struct TextStyle {
    double size = 12;
    Anchor anchor = Anchor::kStart;
    bool bold = false;
    std::string color = "#222222";
    double turned = 0;  ///< degrees about the text's place
  };
  void text(SvgPoint place, const std::string& words, const TextStyle& style);

  /// The whole document.
  std::string str() const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace retime
