#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "post/score/score.hpp"

namespace retime {

/// A score as JSON, see docs/score.md; what was not measured is left out.
nlohmann::ordered_json score_json(const Score& score);

/// A score as a text table for people.
std::string score_table(const Score& score);

}  // namespace retime
