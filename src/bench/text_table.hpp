#pragma once

#include <string>
#include <vector>

namespace retime {

/// A small table for people. The first column is aligned left, the others right.
struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  /// Columns padded with spaces, for a terminal.
  std::string plain() const;
  std::string markdown() const;
};

/// `value` with so many decimals.
std::string fixed(double value, int decimals);

}  // namespace retime
