#include "data/follow/people_finder.hpp"

namespace retime {
namespace {

constexpr int kTiles = 2;
constexpr float kLeastBoxScore = 0.15F;

class PeopleNetworks final : public PeopleFinder {
 public:
  explicit PeopleNetworks(const PeopleModels& models) : detector_(models), pose_(models) {}

  std::vector<PersonBox> boxes(const cv::Mat& rgb) override { return detector_.detect(rgb, kTiles, kLeastBoxScore); }
  std::vector<PoseRegion> regions(const cv::Mat& rgb) override { return pose_.regions_in(rgb); }
  PoseRegion region_of(const cv::Mat& rgb, const cv::Rect2f& box) override { return pose_.region_of(rgb, box); }
  Pose estimate(const cv::Mat& rgb, const PoseRegion& region) override { return pose_.estimate(rgb, region); }

 private:
  PersonDetector detector_;
  PoseNetwork pose_;
};

}  // namespace

std::unique_ptr<PeopleFinder> people_networks(const PeopleModels& models) {
  return std::make_unique<PeopleNetworks>(models);
}

}  // namespace retime
