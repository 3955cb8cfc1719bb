#include "data/follow/contacts.hpp"

#include <algorithm>

#include "data/follow/link_tracklets.hpp"

namespace retime {
namespace {

constexpr int kLongestLoneGap = 12;  // frames that somebody may be unseen with nobody near, and still be filled in

bool is_unseen(const Tracklet& person, int frame) {
  return frame > person.begin()->first && frame < person.rbegin()->first && !person.contains(frame);
}

/// Where somebody who is not seen would be, between his sightings around it.
Sighting interpolated(const Tracklet& person, int frame) {
  const auto next = person.upper_bound(frame), before = std::prev(next);
  const float share = static_cast<float>(frame - before->first) / static_cast<float>(next->first - before->first);
  Sighting body = share < 0.5F ? before->second : next->second;
  const PoseRegion &a = before->second.next, &b = next->second.next;
  body.next = {a.centre + share * (b.centre - a.centre), a.side + share * (b.side - a.side), a.angle};
  return body;
}

bool contains(const std::vector<std::size_t>& people, std::size_t person) {
  return std::find(people.begin(), people.end(), person) != people.end();
}

bool belong_together(const PeopleContact& a, const PeopleContact& b) {
  return a.first <= b.last + 2 * kContactMargin && b.first <= a.last + 2 * kContactMargin &&
         std::any_of(a.people.begin(), a.people.end(), [&](std::size_t i) { return contains(b.people, i); });
}

/// Adds a contact, joined with those that it belongs to.
void add_contact(PeopleContact contact, std::vector<PeopleContact>& contacts) {
  for (std::size_t i = contacts.size(); i-- > 0;) {
    if (!belong_together(contacts[i], contact)) continue;
    for (const auto person : contacts[i].people)
      if (!contains(contact.people, person)) contact.people.push_back(person);
    contact.first = std::min(contact.first, contacts[i].first);
    contact.last = std::max(contact.last, contacts[i].last);
    contacts.erase(contacts.begin() + static_cast<std::ptrdiff_t>(i));
    i = contacts.size();
  }
  std::sort(contact.people.begin(), contact.people.end());
  contacts.push_back(contact);
}

void add_lone_gaps(std::size_t index, const Tracklet& person, std::vector<PeopleContact>& contacts) {
  for (auto next = std::next(person.begin()); next != person.end(); ++next) {
    const int before = std::prev(next)->first, gap = next->first - before - 1;
    if (gap >= 1 && gap <= kLongestLoneGap) add_contact({{index}, before + 1, next->first - 1}, contacts);
  }
}

}  // namespace

bool touch_in(const Tracklet& a, const Tracklet& b, int frame) {
  const auto body = [&](const Tracklet& person) -> std::pair<bool, Sighting> {
    if (const auto found = person.find(frame); found != person.end()) return {true, found->second};
    if (is_unseen(person, frame)) return {true, interpolated(person, frame)};
    return {false, {}};
  };
  const auto [a_there, a_body] = body(a);
  const auto [b_there, b_body] = body(b);
  return a_there && b_there && touch(a_body, b_body);
}

std::vector<PeopleContact> find_contacts(const std::vector<Tracklet>& people) {
  std::vector<PeopleContact> contacts;
  for (std::size_t i = 0; i < people.size(); ++i)
    for (std::size_t k = i + 1; k < people.size(); ++k) {
      const int first = std::max(people[i].begin()->first, people[k].begin()->first);
      const int last = std::min(people[i].rbegin()->first, people[k].rbegin()->first);
      for (int t = first; t <= last; ++t)
        if (touch_in(people[i], people[k], t)) add_contact({{i, k}, t - kContactMargin, t + kContactMargin}, contacts);
    }
  for (std::size_t i = 0; i < people.size(); ++i) add_lone_gaps(i, people[i], contacts);
  std::sort(contacts.begin(), contacts.end(),
            [](const PeopleContact& a, const PeopleContact& b) { return a.first < b.first; });
  for (auto& contact : contacts) contact.first = std::max(contact.first, 0);
  return contacts;
}

}  // namespace retime
