#include "data/body/network_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/body/tiny_body_network.hpp"
#include "data/people/kept_variable.hpp"

namespace retime {
namespace {

class NetworkFileTest : public test::KeepsVariable {
 protected:
  NetworkFileTest() : KeepsVariable("RETIME_BODY_NETWORK") {}
  static void name(const std::filesystem::path& file) { ::setenv("RETIME_BODY_NETWORK", file.c_str(), 1); }
};

TEST_F(NetworkFileTest, TheVariableComesFirst) {
  const test::TemporaryFolder folder;
  const auto file = test::TinyBodyNetwork().write(folder / "network.h5");
  name(file);
  EXPECT_EQ(find_body_network(), file);
  EXPECT_EQ(open_body_network("auto")->size(), test::TinyBodyNetwork::kSide);
  EXPECT_EQ(open_body_network("none"), nullptr);
}

TEST_F(NetworkFileTest, MissingItIsNothingAndAskedForAnError) {
  name("/nowhere/network.h5");
  EXPECT_EQ(open_body_network("auto"), nullptr);
  EXPECT_THAT(missing_body_network("--body-network"),
              testing::AllOf(testing::HasSubstr("/nowhere/network.h5"), testing::HasSubstr("--body-network")));
  EXPECT_THROW(open_body_network("/nowhere/network.h5"), Error);
}

}  // namespace
}  // namespace retime
