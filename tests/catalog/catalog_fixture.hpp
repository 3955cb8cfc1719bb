#pragma once

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "catalog/catalog_list.hpp"
#include "core/temporary_folder.hpp"

namespace retime::catalog {

/// A folder with a list over small files that stand for clips.
class CatalogFixture : public ::testing::Test {
 protected:
  /// "clip,name" with one line for each name.
  Catalog list_of(const std::vector<std::string>& names) {
    std::string text = "clip,name,epochs\n";
    for (const auto& name : names) {
      test::write_bytes(folder_ / (name + ".mp4"), name);
      text += name + ".mp4," + name + ",\n";
    }
    test::write_bytes(folder_ / "list.csv", text);
    return read_catalog(folder_ / "list.csv", {"epochs"});
  }

  /// Waits as long as any machine may need.
  template <class Condition>
  static bool comes_true(Condition&& condition) {
    for (int i = 0; i < 60 * 50; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path out_ = folder_ / "out";
};

}  // namespace retime::catalog
