#pragma once

#include <string>

#include "post/score/score.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// What is to be scored, as files and folders; empty: not given.
struct ScoreRequest {
  std::string layers;
  std::string truth;   ///< folder made by `retime synth`
  std::string videos;  ///< finished videos to score instead of layers; they need a truth
  std::string scene;   ///< without truth: what the layers were made from
};

/// Measures layers or videos; ranks share the frames. The result is rank 0's. This call is MPI collective.
Score score_stage(const ScoreRequest& request, const Communicator& communicator);

}  // namespace retime
