#include "format/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using testing::ElementsAre;

Checkpoint sample_checkpoint(std::int64_t step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.epoch = step / 10;
  checkpoint.config = "[train]\nepochs = 3\n";
  checkpoint.scene_fingerprint = "abc-12";
  checkpoint.schedule = {{"epoch_step", 2}, {"threshold_epoch", -1}, {"epoch_mask", 0.1}};
  checkpoint.arrays = {{"parameters/renderer.e1.weight", {2, 3}, {1, -2.5F, 1e-38F, 3e38F, 0, 0.1F}, {}},
                       {"parameters/plate", {1, 2}, {0.25F, -0.F}, {}},
                       {"adam_steps/plate", {}, {1234567.F}, {}},
                       {"counts/frames", {2}, {}, {9'007'199'254'740'993, -1}},
                       {"buffers/none", {0}, {}, {}}};
  return checkpoint;
}

void expect_equal(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.milestone, b.milestone);
  EXPECT_EQ(a.config, b.config);
  EXPECT_EQ(a.scene_fingerprint, b.scene_fingerprint);
  EXPECT_EQ(a.schedule, b.schedule);
  ASSERT_EQ(a.arrays.size(), b.arrays.size());
  std::map<std::string, const NamedArray*> by_name;
  for (const auto& array : b.arrays) by_name[array.name] = &array;
  for (const auto& array : a.arrays) {
    ASSERT_TRUE(by_name.contains(array.name)) << array.name;
    EXPECT_EQ(array.dims, by_name[array.name]->dims) << array.name;
    EXPECT_EQ(array.floats, by_name[array.name]->floats) << array.name;
    EXPECT_EQ(array.integers, by_name[array.name]->integers) << array.name;
  }
}

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() { std::filesystem::create_directories(run_ / "checkpoints"); }
  void save(std::int64_t step) const { write_checkpoint(folder_.path_of(step), sample_checkpoint(step)); }
  std::vector<std::int64_t> steps() const {
    std::vector<std::int64_t> result;
    for (const auto& file : folder_.list()) result.push_back(read_checkpoint(file).step);
    return result;
  }

  test::TemporaryFolder run_;
  CheckpointFolder folder_{run_.path()};
};

TEST_F(CheckpointTest, ComesBackExactly) {
  save(1234567890123);
  expect_equal(sample_checkpoint(1234567890123), read_checkpoint(folder_.path_of(1234567890123)));
}

TEST_F(CheckpointTest, EmptyOneComesBack) {
  write_checkpoint(run_ / "c.h5", {});
  expect_equal({}, read_checkpoint(run_ / "c.h5"));
}

TEST_F(CheckpointTest, KeepsNumbersThatAreNotFinite) {
  Checkpoint checkpoint;
  checkpoint.arrays = {{"parameters/x", {1}, {std::numeric_limits<float>::infinity()}, {}}};
  checkpoint.schedule = {{"worst", -std::numeric_limits<double>::infinity()}};
  write_checkpoint(run_ / "c.h5", checkpoint);
  expect_equal(checkpoint, read_checkpoint(run_ / "c.h5"));
}

TEST_F(CheckpointTest, ListsNewestFirstAndIgnoresOtherFiles) {
  save(5);
  save(100);
  save(20);
  test::write_bytes(run_ / "checkpoints" / ".step_000000200.h5.tmp1", "half");
  test::write_bytes(run_ / "checkpoints" / "notes.txt", "x");
  EXPECT_THAT(steps(), ElementsAre(100, 20, 5));
}

TEST_F(CheckpointTest, NewestIsRead) {
  save(5);
  save(20);
  Checkpoint checkpoint;
  std::filesystem::path used;
  ASSERT_TRUE(folder_.read_newest(checkpoint, &used));
  EXPECT_EQ(checkpoint.step, 20);
  EXPECT_EQ(used, folder_.path_of(20));
}

TEST_F(CheckpointTest, TruncatedAndDamagedOnesAreSkipped) {
  for (const std::int64_t step : {5, 20, 30, 40}) save(step);
  test::cut_in_half(folder_.path_of(40));
  test::write_bytes(folder_.path_of(50), "");
  const float weights[] = {1, -2.5F, 1e-38F};
  test::damage_where(folder_.path_of(30), {reinterpret_cast<const char*>(weights), sizeof weights});
  Checkpoint checkpoint;
  ASSERT_TRUE(folder_.read_newest(checkpoint));
  EXPECT_EQ(checkpoint.step, 20);
}

TEST_F(CheckpointTest, NoValidOneIsNoError) {
  Checkpoint checkpoint;
  EXPECT_FALSE(folder_.read_newest(checkpoint));
  EXPECT_FALSE(CheckpointFolder(run_ / "none").read_newest(checkpoint));
  test::write_bytes(folder_.path_of(5), "half");
  EXPECT_FALSE(folder_.read_newest(checkpoint));
}

TEST_F(CheckpointTest, PruneKeepsTheNewest) {
  for (const std::int64_t step : {5, 20, 100, 300}) save(step);
  folder_.prune(3, 300);
  EXPECT_THAT(steps(), ElementsAre(300, 100, 20));
  folder_.prune(0, 300);
  EXPECT_THAT(steps(), ElementsAre(300)) << "the last one stays whatever is asked";
}

TEST_F(CheckpointTest, PruneKeepsMilestones) {
  for (const std::int64_t step : {5, 20, 100, 300}) {
    auto checkpoint = sample_checkpoint(step);
    checkpoint.milestone = step == 20;
    write_checkpoint(folder_.path_of(step), checkpoint);
  }
  folder_.prune(1, 300);
  EXPECT_THAT(steps(), ElementsAre(300, 20));
  EXPECT_TRUE(read_checkpoint(folder_.path_of(20)).milestone);
}

TEST_F(CheckpointTest, WhatCannotBeReadIsSetAside) {
  for (const std::int64_t step : {5, 20, 30}) save(step);
  test::cut_in_half(folder_.path_of(30));
  EXPECT_EQ(folder_.set_aside_above(20, "damaged"), 1);
  EXPECT_THAT(steps(), ElementsAre(20, 5));
  EXPECT_TRUE(std::filesystem::exists(folder_.path_of(30).string() + ".damaged"));
}

TEST_F(CheckpointTest, WhatIsSetAsideTwiceIsKeptTwice) {
  for (int i = 0; i < 2; ++i) {
    save(30);
    EXPECT_EQ(folder_.set_aside_above(20, "dropped"), 1);
  }
  for (const char* name : {".dropped", ".dropped.2"})
    expect_equal(read_checkpoint(folder_.path_of(30).string() + name), sample_checkpoint(30));
}

TEST_F(CheckpointTest, DigestTellsEveryValue) {
  const auto expected = digest_of(sample_checkpoint(7));
  EXPECT_EQ(digest_of(sample_checkpoint(7)), expected);
  const auto differs = [&](auto change) {
    auto checkpoint = sample_checkpoint(7);
    change(checkpoint);
    EXPECT_NE(digest_of(checkpoint), expected);
  };
  differs([](Checkpoint& c) { ++c.step; });
  differs([](Checkpoint& c) { c.config += " "; });
  differs([](Checkpoint& c) { c.schedule["epoch_step"] = 3; });
  differs([](Checkpoint& c) { c.arrays[0].floats[5] = -0.1F; });
  differs([](Checkpoint& c) { std::swap(c.arrays[0].floats[0], c.arrays[0].floats[1]); });
  differs([](Checkpoint& c) { c.arrays[3].integers[1] = -2; });
  differs([](Checkpoint& c) { c.arrays[0].dims = {3, 2}; });
  differs([](Checkpoint& c) { c.arrays[1].name = "parameters/plates"; });
}

std::string state_of(const Checkpoint& checkpoint) {
  std::ostringstream out;
  out << checkpoint.step << " " << checkpoint.epoch << " " << checkpoint.milestone << checkpoint.config
      << checkpoint.scene_fingerprint;
  for (const auto& [name, value] : checkpoint.schedule) out << name << value;
  std::map<std::string, const NamedArray*> by_name;
  for (const auto& array : checkpoint.arrays) by_name[array.name] = &array;
  for (const auto& [name, array] : by_name) {
    out << name << array->dims.size();
    for (const float value : array->floats) out << value << " ";
    for (const auto value : array->integers) out << value << " ";
  }
  return out.str();
}

void put_byte(const std::filesystem::path& path, std::size_t at, char byte) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

// Whichever byte flips, the checkpoint is refused or, where nobody looks at the byte, the same.
TEST_F(CheckpointTest, NoFlippedByteIsMistakenForAState) {
  save(7);
  const auto path = folder_.path_of(7);
  const std::string good = test::read_bytes(path), expected = state_of(read_checkpoint(path));
  std::size_t refused = 0, tried = 0;
  for (std::size_t at = 0; at < good.size(); at += at < 256 ? 1 : 3) {
    put_byte(path, at, static_cast<char>(~good[at]));
    ++tried;
    try {
      EXPECT_EQ(state_of(read_checkpoint(path)), expected) << "byte " << at << " of " << good.size();
    } catch (const Error&) {
      ++refused;
    }
    put_byte(path, at, good[at]);
  }
  EXPECT_GT(refused, tried / 4);
}

// Groups of more than eight members are stored in another way.
TEST_F(CheckpointTest, FlippedBitsAmongManyArraysAreRefusedToo) {
  Checkpoint checkpoint = sample_checkpoint(7);
  for (int i = 0; i < 60; ++i)
    checkpoint.arrays.push_back({"parameters/renderer.layer" + std::to_string(i) + ".weight", {2}, {1, 2}, {}});
  const auto path = folder_.path_of(7);
  write_checkpoint(path, checkpoint);
  const std::string good = test::read_bytes(path), expected = state_of(read_checkpoint(path));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); at += 41) {
    put_byte(path, at, static_cast<char>(good[at] ^ (1 << at % 8)));
    try {
      EXPECT_EQ(state_of(read_checkpoint(path)), expected) << "byte " << at << " of " << good.size();
    } catch (const Error&) {
      ++refused;
    }
    put_byte(path, at, good[at]);
  }
  EXPECT_GT(refused, 50U);
}

TEST_F(CheckpointTest, ClearRemovesAll) {
  for (const std::int64_t step : {5, 20}) save(step);
  test::write_bytes(run_ / "checkpoints" / "notes.txt", "x");
  EXPECT_EQ(folder_.clear(), 2);
  EXPECT_THAT(steps(), ElementsAre());
  EXPECT_TRUE(std::filesystem::exists(run_ / "checkpoints" / "notes.txt"));
  EXPECT_EQ(folder_.clear(), 0);
}

// A fit that goes on from an older save must not lose its own to those of the fit that went farther; nor are these
// lost.
TEST_F(CheckpointTest, PruneSetsSavesOfAFitThatWasGivenUpAside) {
  for (const std::int64_t step : {5, 20, 100}) save(step);
  auto milestone = sample_checkpoint(300);
  milestone.milestone = true;
  write_checkpoint(folder_.path_of(300), milestone);
  folder_.prune(2, 20);
  EXPECT_THAT(steps(), ElementsAre(20, 5));
  expect_equal(read_checkpoint(folder_.path_of(100).string() + ".dropped"), sample_checkpoint(100));
  expect_equal(read_checkpoint(folder_.path_of(300).string() + ".dropped"), milestone);
}

}  // namespace
}  // namespace retime
