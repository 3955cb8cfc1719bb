#include "data/follow/contacts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/follow/bodies.hpp"

namespace retime {
namespace {

using testing::ElementsAre;

Tracklet standing(int first, int last, float x) {
  Tracklet person;
  for (int t = first; t <= last; ++t) person.emplace(t, test::body_sighting({x, 100}, 100, test::kRedBody));
  return person;
}

TEST(Contacts, ThereAreNoneBetweenPeopleWhoStandApart) {
  EXPECT_TRUE(find_contacts({standing(0, 20, 60), standing(5, 20, 200)}).empty());
}

TEST(Contacts, LastAsLongAsTwoTouchWithAMargin) {
  const auto contacts = find_contacts({standing(0, 30, 100), standing(10, 14, 120)});
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_THAT(contacts[0].people, ElementsAre(0, 1));
  EXPECT_EQ(contacts[0].first, 8);
  EXPECT_EQ(contacts[0].last, 16);
}

TEST(Contacts, WhoIsNotSeenBehindAnotherTouchesHimStill) {
  auto hidden = standing(5, 10, 120);
  hidden.merge(standing(20, 25, 120));
  const auto contacts = find_contacts({standing(8, 22, 100), hidden});
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(contacts[0].first, 6);
  EXPECT_EQ(contacts[0].last, 24);
}

TEST(Contacts, WhoIsMissedForAFewFramesIsAloneInHis) {
  auto person = standing(0, 10, 100);
  person.merge(standing(14, 20, 100));
  person.merge(standing(60, 70, 100));
  const auto contacts = find_contacts({person});
  ASSERT_EQ(contacts.size(), 1U) << "the long gap is left as it is";
  EXPECT_THAT(contacts[0].people, ElementsAre(0));
  EXPECT_EQ(contacts[0].first, 11);
  EXPECT_EQ(contacts[0].last, 13);
}

TEST(Contacts, ThreeWhoMeetOneAfterTheOtherAreOne) {
  const auto contacts = find_contacts({standing(0, 12, 100), standing(0, 30, 120), standing(14, 30, 140)});
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_THAT(contacts[0].people, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace retime
