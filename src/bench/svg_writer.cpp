#include "bench/svg_writer.hpp"

#include "bench/table.hpp"
#include "core/markup.hpp"

// By hand: the few shapes of a plot need no plotting library, which a GPU node would have to have.
namespace retime {
namespace {

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + markup_text(value) + "\"";
}
std::string attribute(const std::string& name, double value) { return attribute(name, fixed(value, 2)); }

std::string stroke_attributes(const SvgWriter::Stroke& stroke) {
  return attribute("stroke", stroke.color) + attribute("stroke-width", stroke.width) +
         (stroke.dashes.empty() ? "" : attribute("stroke-dasharray", stroke.dashes));
}

}  // namespace

SvgWriter::SvgWriter(double width, double height) : width_(width), height_(height) {
  rectangle({0, 0}, width, height, "#ffffff");
}

void SvgWriter::line(SvgPoint from, SvgPoint to, const Stroke& stroke) {
  body_ += "<line" + attribute("x1", from.x) + attribute("y1", from.y) + attribute("x2", to.x) + attribute("y2", to.y) +
           stroke_attributes(stroke) + "/>\n";
}

void SvgWriter::polyline(const std::vector<SvgPoint>& points, const Stroke& stroke) {
  std::string places;
  for (const auto& point : points) places += (places.empty() ? "" : " ") + fixed(point.x, 2) + "," + fixed(point.y, 2);
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
