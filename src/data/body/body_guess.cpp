#include "data/body/body_guess.hpp"

#include <utility>

namespace retime {
namespace {

double mean_confidence(const CocoJoints& joints) {
  double sum = 0;
  for (const auto& joint : joints) sum += joint.confidence;
  return sum / static_cast<double>(joints.size());
}

}  // namespace

BodyGuess body_guess(std::shared_ptr<BodyNetwork> network, ObjectJoints joints, Size size) {
  if (!network || joints.empty()) return {};
  return [network = std::move(network), joints = std::move(joints), size](int object, int frame) {
    const auto& pose = joints.at(static_cast<std::size_t>(object)).at(static_cast<std::size_t>(frame));
    std::optional<BodyEstimate> estimate;
    if (const auto map = network->map_of(pose, size)) estimate = {silhouette_of(*map), mean_confidence(pose)};
    return estimate;
  };
}

}  // namespace retime
