#include <gtest/gtest.h>

#include "data/detect/blob_tracker.hpp"
#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::DiscScene;
using test::overlap;

/// Discs that make one blob, and what the tracker knows of them: shapes expected a little beside where they are.
class MergedDiscs {
 public:
  explicit MergedDiscs(std::vector<test::Disc> discs) : scene_(1, std::move(discs), 0.F), frame_(scene_.frame(0)) {
    const auto tracks = scene_.tracks();
    objects_.resize(tracks.size());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      objects_[i].shape = tracks[i].frames[0];
      objects_[i].colours = colour_histogram(frame_, objects_[i].shape);
      objects_[i].shape.box += cv::Point(3, -2);
      blob_ = united_mask(blob_, tracks[i].frames[0]);
    }
  }

  std::vector<BoxMask> divided() const {
    std::vector<const TrackedObject*> objects;
    for (const auto& object : objects_) objects.push_back(&object);
    return divide_blob(frame_, blob_, objects);
  }
  void expect_each_its_own(double least_overlap) const {
    const auto parts = divided();
    ASSERT_EQ(parts.size(), objects_.size());
    int total = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_GT(overlap(full_mask(parts[i], scene_.size()), scene_.mask(i, 0)), least_overlap) << i;
      for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(shared_area(parts[i], parts[j]), 0) << i << " and " << j;
      total += mask_area(parts[i]);
    }
    EXPECT_EQ(total, mask_area(blob_)) << "every pixel of the blob is somebody's, and nothing else is";
  }

 private:
  DiscScene scene_;
  cv::Mat frame_;
  std::vector<TrackedObject> objects_;
  BoxMask blob_;
};

TEST(DivideBlob, ByColourAndPlace) {
  MergedDiscs({{{80, 60}, {}, 14, test::kRed}, {{98, 64}, {}, 14, test::kBlue}}).expect_each_its_own(0.85);
}

TEST(DivideBlob, AmongThree) {
  MergedDiscs({{{70, 60}, {}, 14, test::kRed}, {{92, 64}, {}, 14, test::kBlue}, {{114, 60}, {}, 14, test::kGreen}})
      .expect_each_its_own(0.85);
}

TEST(DivideBlob, ByPlaceWhereColoursAreAlike) {
  MergedDiscs({{{80, 60}, {}, 14, test::kRed}, {{102, 60}, {}, 14, test::kRed}}).expect_each_its_own(0.75);
}

TEST(DivideBlob, ABlobOfOneIsItsOwn) { MergedDiscs({{{80, 60}, {}, 14, test::kRed}}).expect_each_its_own(0.999); }

}  // namespace
}  // namespace retime
