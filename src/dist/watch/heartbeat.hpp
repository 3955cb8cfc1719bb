#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/activity.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// What a rank tells the others about itself from time to time.
struct Beat {
  std::uint64_t progress = 0;     ///< see Activity
  std::uint64_t collectives = 0;  ///< see Activity
  std::int32_t patient = 0;       ///< 1 in a phase that may show no progress for long
  std::int32_t asks = 0;          ///< 1: has a reason to end the job, and asks rank 0 for the word
  std::int32_t speaker = -1;      ///< the rank that ends the job and tells why; -1: none
  std::int32_t leaving = 0;       ///< 1: the last beat, this rank is done
  char phase[48] = {};

  static Beat of(const Activity& activity);
};

/// Carries beats: every rank to rank 0 and to the rank that watches over its process, rank 0 to all. Used by one
/// thread. No call waits for another rank.
class HeartbeatExchange {
 public:
  /// `ward`: the rank whose process this one watches over, -1 for none. This call is MPI collective.
  HeartbeatExchange(const Communicator& communicator, int ward);
  ~HeartbeatExchange();

  /// Sends `beat` to whoever has taken the last one.
  void send(const Beat& beat);
  /// Calls `heard` with every beat that has arrived.
  void receive(const std::function<void(int rank, const Beat& beat)>& heard);
  /// One step of parting, to be repeated until it returns true: then every rank is done, and nothing is under way.
  bool part(const Beat& beat, const std::function<void(int rank, const Beat& beat)>& heard);

 private:
  struct Link {
    int rank = 0;
    Beat beat;
    MPI_Request request = MPI_REQUEST_NULL;
    bool done = false;  ///< the last beat has gone, or come
  };
  static bool is_complete(Link& link);
  void post_receive(Link& link);
  bool send_last(Link& link, const Beat& beat);
  bool all_arrived() const;

  MpiComm comm_;
  int rank_;
  std::vector<Link> outgoing_, incoming_;
};

}  // namespace retime
