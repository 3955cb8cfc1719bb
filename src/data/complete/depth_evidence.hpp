#pragma once

#include <vector>

#include "data/complete/contacts.hpp"
#include "data/complete/placement.hpp"

namespace retime {

/// What the frames show of objects, and what is found out about them.
struct SeenObjects {
  const std::vector<MaskTrack>& tracks;  ///< visible masks
  std::vector<std::vector<BodyPlacement>>
      places;          ///< of every mask, [objects][frames]; where there is none, of no meaning
  Size size;           ///< of the frames
  double rate = 25;    ///< frames per second
  double period = 20;  ///< frames within which a gait comes and goes
};

/// Places every mask of `tracks`, which must outlive the result.
SeenObjects seen_objects(const std::vector<MaskTrack>& tracks, Size size, double rate);

/// A contact of which it is known who is in front.
struct OrderedContact {
  Contact contact;
  int behind = 0, front = 0;  ///< indices of the tracks
};

/// Who is in front in each contact: whose silhouettes of before and after the contact reach into the other's mask is
/// behind. Where that does not tell, ground contact does. What is decided holds for the whole contact.
std::vector<OrderedContact> order_contacts(const SeenObjects& seen, const std::vector<Contact>& contacts);

/// In which frames an object is seen whole, as weights of 1 and 0: present, nobody in front of it, and not cut by the
/// picture's border unless it nearly always is. `left_out`: frames that do not count.
std::vector<double> whole_frames(const SeenObjects& seen, const std::vector<OrderedContact>& contacts, int object,
                                 const Contact* left_out = nullptr);

}  // namespace retime
