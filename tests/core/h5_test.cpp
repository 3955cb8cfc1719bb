#include "core/h5.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/error.hpp"
#include "core/file_size_limit.hpp"
#include "core/temporary_folder.hpp"

namespace retime::h5 {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFormat = "retime.test";

class H5Test : public testing::Test {
 protected:
  InputFile open() const { return InputFile(path_, kFormat, 1); }

  template <class Fill>
  void write_file(Fill&& fill) const {
    OutputFile file(path_, kFormat, 1);
    fill(file.root());
    file.commit();
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "file.h5";
};

template <class T>
std::vector<T> counting(std::size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T{});
  return values;
}

template <class T>
void expect_round_trip(const std::filesystem::path& path, const std::vector<T>& values) {
  OutputFile output(path, kFormat, 1);
  output.root().write<T>("data", {2, values.size() / 2}, values);
  output.commit();
  const InputFile input(path, kFormat, 1);
  EXPECT_EQ(input.root().read<T>("data"), values);
  EXPECT_THAT(input.root().dataset("data").dims(), ElementsAre(2U, values.size() / 2));
  EXPECT_EQ(input.root().dataset("data").element_size(), sizeof(T));
  EXPECT_EQ(input.root().dataset("data").is_floating(), std::is_floating_point_v<T>);
}

// HDF5 keeps chunks back until their dataset is closed, where no error can be thrown.
TEST_F(H5Test, AFullDiskIsAnErrorWhereverTheDataIsWritten) {
  const auto values = counting<std::uint8_t>(400'000);
  const auto message = message_of<Error>([&] {
    const test::FileSizeLimit limit(100'000);
    write_file([&](Group& root) { root.write<std::uint8_t>("data", {values.size()}, values); });
  });
  EXPECT_THAT(message, HasSubstr("cannot write " + path_.string()));
  EXPECT_THAT(message, HasSubstr("File too large"));
  EXPECT_EQ(folder_.entries(), 0);
  write_file([&](Group& root) { root.write<std::uint8_t>("data", {values.size()}, values); });
  EXPECT_EQ(open().root().read<std::uint8_t>("data"), values);
}

TEST_F(H5Test, AFailedCloseIsOfOneFileOnly) {
  OutputFile good(folder_ / "good.h5", kFormat, 1), bad(path_, kFormat, 1);
  {
    const test::FileSizeLimit limit(100'000);
    const auto values = counting<std::uint8_t>(400'000);
    bad.root().write<std::uint8_t>("data", {values.size()}, values);
  }
  good.root().write<float>("data", {2}, std::vector<float>{1, 2});
  EXPECT_NO_THROW(good.commit());
  EXPECT_THAT(message_of<Error>([&] { bad.commit(); }), HasSubstr("cannot write " + path_.string()));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(H5Test, ArraysOfEveryTypeComeBack) {
  expect_round_trip<std::uint8_t>(path_, {0, 255, 7, 8});
  expect_round_trip<std::uint16_t>(path_, {0, 65535, 7, 8});
  expect_round_trip<std::int32_t>(path_, {-2147483647, 2147483647, 0, 8});
  expect_round_trip<std::int64_t>(path_, {-9'007'199'254'740'993, 9'007'199'254'740'993, 0, 8});
  expect_round_trip<std::uint64_t>(path_, {18'446'744'073'709'551'615ULL, 0});
  expect_round_trip<float>(path_, {1e-38F, -3.4e38F, 0.1F, -0.F});
  expect_round_trip<double>(path_, {1e-308, -1.7e308, 0.1, 3});
}

TEST_F(H5Test, ScalarAndEmptyDatasetsComeBack) {
  write_file([](Group& root) {
    root.write<float>("scalar", {}, std::vector<float>{2.5F});
    root.write<std::uint8_t>("empty", {0}, std::vector<std::uint8_t>{});
    root.write<float>("flat", {3, 0, 2}, std::vector<float>{});
  });
  const auto file = open();
  EXPECT_THAT(file.root().read<float>("scalar"), ElementsAre(2.5F));
  EXPECT_TRUE(file.root().dataset("scalar").dims().empty());
  EXPECT_TRUE(file.root().read<std::uint8_t>("empty").empty());
  EXPECT_THAT(file.root().dataset("flat").dims(), ElementsAre(3U, 0U, 2U));
}

TEST_F(H5Test, AttributesKeepTypesAndBytes) {
  const std::string long_text(100'000, 'x');
  write_file([&](Group& root) {
    root.set_attribute("text", "name with spaces and \u00fc");
    root.set_attribute("empty", "");
    root.set_attribute("long", long_text);
    root.set_attribute("integer", std::int64_t{-9'007'199'254'740'993});
    root.set_attribute("number", 0.1);
    root.set_attribute("twice", "first");
    root.set_attribute("twice", "the second, longer");
  });
  const auto file = open();
  EXPECT_EQ(file.root().string_attribute("text"), "name with spaces and \u00fc");
  EXPECT_EQ(file.root().string_attribute("empty"), "");
  EXPECT_EQ(file.root().string_attribute("long"), long_text);
  EXPECT_EQ(file.root().int_attribute("integer"), -9'007'199'254'740'993);
  EXPECT_EQ(file.root().double_attribute("number"), 0.1);
  EXPECT_EQ(file.root().string_attribute("twice"), "the second, longer");
  EXPECT_FALSE(file.root().has_attribute("other"));
}

TEST_F(H5Test, HyperslabsWriteAndReadOnlyTheirPart) {
  write_file([](Group& root) {
    auto data = root.create_dataset("data", H5T_NATIVE_INT32, {4, 5}, {{2, 3}, 1, false});
    data.write<std::int32_t>({1, 2}, {2, 3}, std::vector<std::int32_t>{1, 2, 3, 4, 5, 6});
  });
  const auto file = open();
  EXPECT_THAT(file.root().read<std::int32_t>("data"),
              ElementsAre(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0));
  std::vector<std::int32_t> part(2);
  file.root().dataset("data").read<std::int32_t>({1, 3}, {2, 1}, part);
  EXPECT_THAT(part, ElementsAre(2, 5));
}

TEST_F(H5Test, GrowingDatasetsExtend) {
  write_file([](Group& root) {
    auto data = root.create_dataset("data", H5T_NATIVE_UINT8, {0, 2}, {{1, 2}, 0, true});
    for (std::uint8_t row = 0; row < 3; ++row) {
      data.extend({row + 1U, 2});
      data.write<std::uint8_t>({row, 0}, {1, 2}, std::vector<std::uint8_t>{row, 9});
    }
  });
  EXPECT_THAT(open().root().read<std::uint8_t>("data"), ElementsAre(0, 9, 1, 9, 2, 9));
}

TEST_F(H5Test, GroupsListTheirMembersInOrder) {
  write_file([](Group& root) {
    root.create_group("b").create_group("inner").set_attribute("depth", std::int64_t{2});
    root.create_group("a");
  });
  const auto file = open();
  EXPECT_THAT(file.root().members(), ElementsAre("a", "b"));
  EXPECT_EQ(file.root().group("b/inner").int_attribute("depth"), 2);
  EXPECT_TRUE(file.root().has("b/inner"));
  EXPECT_FALSE(file.root().has("b/other"));
  EXPECT_FALSE(file.root().has("c/inner"));
}

TEST_F(H5Test, BufferOfAnotherSizeIsRefused) {
  write_file([](Group& root) {
    auto data = root.create_dataset("data", H5T_NATIVE_UINT8, {4});
    EXPECT_THROW(data.write<std::uint8_t>({0}, {4}, std::vector<std::uint8_t>(3)), Error);
    EXPECT_THROW(data.write<std::uint8_t>({2}, {3}, std::vector<std::uint8_t>(3)), Error) << "past the end";
  });
}

TEST_F(H5Test, MissingNamesAreTold) {
  write_file([](Group& root) { root.create_group("objects"); });
  const auto file = open();
  EXPECT_THAT(message_of<Error>([&] { file.root().dataset("objects/matte"); }), HasSubstr("objects/matte is missing"));
  EXPECT_THAT(message_of<Error>([&] { file.root().dataset("frames"); }), HasSubstr(path_.string()));
  EXPECT_THAT(message_of<Error>([&] { file.root().group("plate"); }), HasSubstr("plate is missing"));
  EXPECT_THAT(message_of<Error>([&] { file.root().string_attribute("name"); }), HasSubstr("name is missing"));
  EXPECT_THAT(message_of<Error>([&] { file.root().int_attribute("width"); }), HasSubstr("width is missing"));
}

TEST_F(H5Test, FilesThatAreNotOursAreRefused) {
  EXPECT_THAT(message_of<Error>([&] { open(); }), HasSubstr("no such file"));
  EXPECT_THAT(message_of<Error>([&] { InputFile(folder_.path(), kFormat, 1); }), HasSubstr("folder"));
  test::write_bytes(path_, "a text file");
  EXPECT_THAT(message_of<Error>([&] { open(); }), HasSubstr("not an HDF5 file"));
  std::filesystem::remove(path_);
  OutputFile(path_, "retime.other", 1).commit();
  EXPECT_THAT(message_of<Error>([&] { open(); }), HasSubstr("is not a retime.test file"));
}

TEST_F(H5Test, NewerVersionIsRefusedWithBothNumbers) {
  OutputFile(path_, kFormat, 3).commit();
  EXPECT_THAT(message_of<Error>([&] { InputFile(path_, kFormat, 2); }),
              testing::AllOf(HasSubstr("version 3"), HasSubstr("knows 2")));
  EXPECT_NO_THROW(InputFile(path_, kFormat, 3));
  EXPECT_NO_THROW(InputFile(path_, kFormat, 4)) << "older versions are read";
}

TEST_F(H5Test, TruncatedFileIsRefused) {
  write_file([](Group& root) { root.write<float>("data", {1000}, counting<float>(1000)); });
  test::cut_in_half(path_);
  EXPECT_THAT(message_of<Error>([&] { open(); }), HasSubstr("cut short"));
}

TEST_F(H5Test, ChecksumCatchesOneDamagedByte) {
  const auto values = counting<std::uint8_t>(200);
  write_file([&](Group& root) { root.write<std::uint8_t>("data", {200}, values); });
  test::damage_where(path_, {values.begin() + 50, values.begin() + 150});
  const auto file = open();
  EXPECT_THAT(message_of<Error>([&] { file.root().read<std::uint8_t>("data"); }),
              testing::AllOf(HasSubstr("data"), HasSubstr("damaged")));
}

TEST_F(H5Test, NothingIsThereBeforeCommit) {
  {
    OutputFile file(path_, kFormat, 1);
    file.root().set_attribute("x", std::int64_t{1});
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
  EXPECT_EQ(folder_.entries(), 0) << "a file that was not committed left something behind";
}

TEST_F(H5Test, FileThatGrowsInMemoryIsTheSameAndOnDiskOnlyAfterCommit) {
  const auto values = counting<float>(3'000'000);  // more than the memory grows by at once
  {
    OutputFile file(path_, kFormat, 1, Staging::kMemory);
    file.root().write<float>("data", {3, 1'000'000}, values);
    file.root().set_attribute("x", std::int64_t{1});
    EXPECT_EQ(folder_.entries(), 0);
    file.commit();
  }
  EXPECT_EQ(folder_.entries(), 1);
  EXPECT_EQ(open().root().read<float>("data"), values);
  EXPECT_EQ(open().root().int_attribute("x"), 1);
  EXPECT_LT(std::filesystem::file_size(path_), values.size() * sizeof(float) + 10'000) << "no spare memory is written";
  { const OutputFile file(folder_ / "never.h5", kFormat, 1, Staging::kMemory); }
  EXPECT_EQ(folder_.entries(), 1);
}

TEST_F(H5Test, OlderFileStaysUntilCommit) {
  write_file([](Group& root) { root.set_attribute("content", "old"); });
  {
    OutputFile file(path_, kFormat, 1);
    file.root().set_attribute("content", "half");
  }
  EXPECT_EQ(open().root().string_attribute("content"), "old");
  write_file([](Group& root) { root.set_attribute("content", "new"); });
  EXPECT_EQ(open().root().string_attribute("content"), "new");
  EXPECT_EQ(folder_.entries(), 1);
}

TEST_F(H5Test, FailedCommitLeavesNothingBehind) {
  OutputFile file(path_, kFormat, 1);
  std::filesystem::create_directories(path_ / "in the way");
  EXPECT_THAT(message_of<Error>([&] { file.commit(); }), HasSubstr("cannot rename"));
  EXPECT_EQ(folder_.entries(), 1);
}

TEST_F(H5Test, MissingFolderIsMadeAndAnImpossibleOneIsTold) {
  OutputFile(folder_ / "new" / "file.h5", kFormat, 1).commit();
  EXPECT_NO_THROW(InputFile(folder_ / "new" / "file.h5", kFormat, 1));
  EXPECT_THAT(message_of<Error>([&] { OutputFile("/proc/retime/file.h5", kFormat, 1); }), HasSubstr("/proc/retime"));
  EXPECT_THAT(message_of<Error>([&] { OutputFile(folder_.path(), kFormat, 1); }), HasSubstr("it is a folder"));
}

// A clip that is named as the output by mistake must survive.
TEST_F(H5Test, FilesOfOtherKindsAreNotReplaced) {
  test::write_bytes(path_, "the only copy of a holiday");
  EXPECT_THAT(message_of<Error>([&] { OutputFile(path_, kFormat, 1); }), HasSubstr("not HDF5"));
  EXPECT_EQ(test::read_bytes(path_), "the only copy of a holiday");
  test::write_bytes(path_, "");
  OutputFile(path_, kFormat, 1).commit();
  test::cut_in_half(path_);
  OutputFile(path_, kFormat, 1).commit();
  EXPECT_NO_THROW(open()) << "what is empty or cut short may be replaced";
}

TEST(H5HandleTest, MovesOwnershipAndClosesOnce) {
  Handle first(H5Screate(H5S_SCALAR), H5Sclose);
  const hid_t id = first.get();
  Handle second(std::move(first));
  EXPECT_EQ(second.get(), id);
  EXPECT_TRUE(H5Iis_valid(id) > 0);
  second = Handle();
  EXPECT_FALSE(H5Iis_valid(id) > 0);
}

}  // namespace
}  // namespace retime::h5
