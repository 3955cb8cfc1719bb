#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/keypoints/json_record.hpp"
#include "format/image.hpp"
#include "pose/joints.hpp"

namespace retime {

/// A person in one picture, as a pose estimator tells it.
struct FoundPerson {
  CocoJoints joints;
  std::string identity{};  ///< who it is over the pictures; empty when the file does not say
};

/// The people in one picture.
struct PeopleOfPicture {
  std::string name;              ///< of the picture: a file name, or a number as text
  std::optional<long> number{};  ///< the last number in `name`
  std::vector<FoundPerson> people{};
};

/// What a file or a folder of keypoints holds.
struct KeypointRecords {
  std::string path;                       ///< for messages
  std::vector<PeopleOfPicture> pictures;  ///< by their numbers: 2.jpg comes before 10.jpg
  Size size;                              ///< of the pictures: joints are in pixels of it
  bool is_positional = false;             ///< the pictures had no numbers: they are the clip's frames in this order
};

/// Gathers people by their pictures while files are read.
class RecordCollector {
 public:
  /// Makes the picture if there is none of that name: one that nobody is in counts too.
  void add_picture(const std::string& name) { picture(name); }
  /// Confidences above 1 become 1.
  void add_person(const std::string& name, FoundPerson person);
  /// Pictures that follow one another without numbers.
  void set_positional() { is_positional_ = true; }

  /// Everything, in order. Throws Error for a picture without a number when there are several, for two pictures of the
  /// same number, and where nobody is in any.
  KeypointRecords finish(const std::string& path);

 private:
  PeopleOfPicture& picture(const std::string& name);
  void check_numbers(const std::string& path) const;

  std::vector<PeopleOfPicture> pictures_;
  std::map<std::string, std::size_t> index_;
  bool is_positional_ = false;
};

/// The value of `idx`, `track_id`, `person_id` as a text: 3, 3.0, "3", [3], [[3.0], [5.0]] are "3"; empty for null, an
/// empty list and negative numbers, which stand for nobody in particular.
std::string identity_text(const nlohmann::json& value);

}  // namespace retime
