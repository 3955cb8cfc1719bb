#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/error.hpp"

namespace retime {

/// Lines of a JSON text, from 1, by JSON pointer: of the key where there is one, of the list's entry, of the root ("").
using EditLines = std::map<std::string, int>;

/// A mistake in an edit, in a line of its file; 0 where that is not known.
class EditMistake : public Error {
 public:
  EditMistake(const std::string& message, int line) : Error(message), line_(line) {}
  int line() const noexcept { return line_; }

 private:
  int line_;
};

/// The JSON pointer of what lies under `key` in the object at `pointer`.
std::string pointer_to(const std::string& pointer, const std::string& key);

/// Parses JSON, in which comments may stand, and notes the lines. Throws EditMistake where an object has a key twice,
/// and what the library throws where it is malformed.
nlohmann::json parse_with_lines(const std::string& text, EditLines& lines);

}  // namespace retime
