#include "data/people/people_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace retime {
namespace {

class PeopleModelsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* set = std::getenv("RETIME_PEOPLE_MODELS")) before_ = set;
  }
  void TearDown() override {
    if (before_)
      ::setenv("RETIME_PEOPLE_MODELS", before_->c_str(), 1);
    else
      ::unsetenv("RETIME_PEOPLE_MODELS");
  }

 private:
  std::optional<std::string> before_;
};

TEST_F(PeopleModelsTest, AFolderWithoutThemIsToldWithWhatToDo) {
  ::setenv("RETIME_PEOPLE_MODELS", "/nowhere/people", 1);
  EXPECT_FALSE(find_people_models());
  try {
    require_people_models();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("/nowhere/people"), testing::HasSubstr("tools/setup.sh")));
  }
}

}  // namespace
}  // namespace retime
