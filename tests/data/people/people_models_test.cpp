#include "data/people/people_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "data/people/kept_variable.hpp"

namespace retime {
namespace {

using PeopleModelsTest = test::KeepsModelsVariable;

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

TEST_F(PeopleModelsTest, AFolderThatCannotBeLookedIntoHasNone) {
  ::setenv("RETIME_PEOPLE_MODELS", ("/" + std::string(300, 'a')).c_str(), 1);
  EXPECT_FALSE(find_people_models());
}

}  // namespace
}  // namespace retime
