#include "data/people/person_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "data/people/overlaps.hpp"

namespace retime {
namespace {

constexpr int kLevels = 6;
constexpr int kDetectorSide = 300;
constexpr float kMostOverlap = 0.45F;

constexpr std::array<int, kLevels> kGrids{19, 10, 5, 3, 2, 1};

/// Width and height of the anchors of a level, relative to the picture.
std::vector<cv::Size2f> anchors_of(int level) {
  const auto anchor = [](float scale, float ratio) {
    return cv::Size2f(scale * std::sqrt(ratio), scale / std::sqrt(ratio));
  };
  if (level == 0) return {anchor(0.1F, 1), anchor(0.2F, 2), anchor(0.2F, 0.5F)};
  const float scale = 0.2F + 0.15F * level;
  const float next = level + 1 < kLevels ? scale + 0.15F : 1.0F;
  std::vector<cv::Size2f> anchors;
  for (const float ratio : {1.0F, 2.0F, 0.5F, 3.0F, 1.0F / 3}) anchors.push_back(anchor(scale, ratio));
  anchors.push_back(anchor(std::sqrt(scale * next), 1));
  return anchors;
}

/// Codes of boxes and logits of classes (nobody, somebody) of every level.
std::vector<NetworkOutput> detector_outputs() {
  std::vector<NetworkOutput> outputs;
  for (int level = 0; level < kLevels; ++level) {
    const int boxes = kGrids[level] * kGrids[level] * static_cast<int>(anchors_of(level).size());
    outputs.push_back({"loc" + std::to_string(level), 4 * boxes});
    outputs.push_back({"conf" + std::to_string(level), 2 * boxes});
  }
  return outputs;
}

/// Adds the boxes of one level, relative to the picture. Outputs are [1, anchors * values, rows, columns].
void decode_level(int level, const cv::Mat& codes, const cv::Mat& logits, float least_score,
                  std::vector<PersonBox>& found) {
  const int rows = kGrids[level], columns = rows, cells = rows * columns;
  const auto anchors = anchors_of(level);
  for (int a = 0; a < static_cast<int>(anchors.size()); ++a)
    for (int cell = 0; cell < cells; ++cell) {
      const float score = 1 / (1 + std::exp(-logits.ptr<float>()[(2 * a + 1) * cells + cell]));
      if (score < least_score) continue;
      const auto code = [&](int value) { return codes.ptr<float>()[(4 * a + value) * cells + cell]; };
      const cv::Size2f size(anchors[a].width * std::exp(code(3) / 5), anchors[a].height * std::exp(code(2) / 5));
      const float y = (cell / columns + 0.5F) / rows + code(0) / 10 * anchors[a].height;
      const float x = (cell % columns + 0.5F) / columns + code(1) / 10 * anchors[a].width;
      found.push_back({{x - size.width / 2, y - size.height / 2, size.width, size.height}, score});
    }
}

std::vector<PersonBox> suppressed(const std::vector<PersonBox>& people) {
  std::vector<cv::Rect2f> boxes;
  std::vector<float> scores;
  for (const auto& person : people) {
    boxes.push_back(person.box);
    scores.push_back(person.score);
  }
  std::vector<PersonBox> kept;
  for (const int index : non_maximum_suppression(boxes, scores, kMostOverlap)) kept.push_back(people[index]);
  return kept;
}

/// `count` x `count` tiles; neighbours share half of their size.
std::vector<cv::Rect> tiles_of(const cv::Size& size, int count) {
  const int width = 2 * size.width / (count + 1), height = 2 * size.height / (count + 1);
  std::vector<cv::Rect> tiles;
  for (int y = 0; y < count; ++y)
    for (int x = 0; x < count; ++x) tiles.emplace_back(x * width / 2, y * height / 2, width, height);
  return tiles;
}

/// True where a person ends at an edge of a tile that lies inside of the frame: it goes on in another tile.
bool is_cut(const cv::Rect2f& box, const cv::Rect& tile, const cv::Size& frame) {
  const float margin = 0.02F * static_cast<float>(std::min(tile.width, tile.height));
  return (tile.x > 0 && box.x < tile.x + margin) || (tile.y > 0 && box.y < tile.y + margin) ||
         (tile.br().x < frame.width - 1 && box.br().x > tile.br().x - margin) ||
         (tile.br().y < frame.height - 1 && box.br().y > tile.br().y - margin);
}

}  // namespace

PersonDetector::PersonDetector(const PeopleModels& models) : network_(models.person_detection, detector_outputs()) {}

std::vector<PersonBox> PersonDetector::detect(const cv::Mat& rgb, int tiles, float least_score) {
  auto found = detect_in(rgb, {{0, 0}, rgb.size()}, least_score);
  for (int count = 2; count <= tiles; ++count)
    for (const auto& tile : tiles_of(rgb.size(), count))
      for (const auto& person : detect_in(rgb, tile, least_score))
        if (!is_cut(person.box, tile, rgb.size())) found.push_back(person);
  return suppressed(found);
}

std::vector<PersonBox> PersonDetector::detect_in(const cv::Mat& rgb, const cv::Rect& part, float least_score) {
  cv::Mat small;
  cv::resize(rgb(part), small, {kDetectorSide, kDetectorSide}, 0, 0, cv::INTER_LINEAR);
  const auto outputs = network_.run(small, 1 / 127.5F, -1);
  std::vector<PersonBox> found;
  for (int level = 0; level < kLevels; ++level)
    decode_level(level, outputs[2 * level], outputs[2 * level + 1], least_score, found);
  for (auto& [box, score] : found)
    box = {part.x + box.x * part.width, part.y + box.y * part.height, box.width * part.width, box.height * part.height};
  return suppressed(found);
}

}  // namespace retime
