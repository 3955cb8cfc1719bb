#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "dist/watch/heartbeat.hpp"
#include "dist/watch/local_process.hpp"
#include "dist/watch/peer_watch.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Ends the whole job, with a sentence that names rank, host and phase, when a rank ends without a word, does not
/// answer (stopped process, dead node, cut network) or no rank makes progress any more; ends this rank when its
/// launcher is gone. Two threads a rank: one exchanges heartbeats through MPI, the other judges and never waits for
/// MPI. Only time during which this process was awake counts, so that a job may be suspended as a whole.
class Watchdog {
 public:
  /// Starts to watch; does nothing in a process without MPI. This call is MPI collective.
  explicit Watchdog(const Communicator& communicator, double rank_timeout_s = 300);
  /// Waits, watching, until all ranks are done. This call is MPI collective.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// See WatchLimits::of.
  void set_rank_timeout(double seconds);
  /// For a rank that has a reason to end the job, before it tells it: true for one rank of the job, in one thread,
  /// which rank 0 chooses and the others know of from then on; false elsewhere, see `wait_for_end`. Takes a second or
  /// two; where rank 0 is gone or does not answer, it is true for who asks. Any thread may call it.
  bool take_the_word();
  /// Waits for the end that another rank brings; ends this process with `code` when it does not come within seconds.
  [[noreturn]] static void wait_for_end(int code);

 private:
  void find_ward(const Communicator& communicator);
  void exchange_beats();
  bool exchange_once();
  void judge();
  void judge_once(double awake_s);
  void check_exchange(double awake_s);
  void check_ward();
  void hear(int rank, const Beat& beat);
  bool give_the_word(int rank);
  void spread_the_word();
  Beat own_beat() const;
  void hurry_exchange();
  [[noreturn]] void end_job(const std::string& sentence, bool is_root_gone = false);
  [[noreturn]] void end_without_launcher();
  double beat_period_s();

  int rank_;
  std::string host_;
  int ward_ = -1;  ///< the next rank on this node, whose process this one watches over
  LocalProcess ward_process_;
  std::vector<LocalProcess> neighbours_;  ///< all other ranks on this node
  std::vector<int> neighbour_ranks_;
  LocalProcess launcher_;
  int parent_ = 0;
  std::unique_ptr<HeartbeatExchange> exchange_;

  std::mutex mutex_;
  std::condition_variable wake_;
  PeerWatch watch_;               ///< under mutex_
  bool hurry_ = false;            ///< under mutex_
  bool leaving_ = false;          ///< under mutex_
  std::string exchange_failure_;  ///< under mutex_
  std::atomic<std::uint64_t> rounds_{0};
  std::atomic<bool> asks_{false}, root_gone_{false}, stopped_{false};
  std::atomic<int> speaker_{-1};  ///< the rank that ends the job, as rank 0 has chosen; -1: none

  std::uint64_t seen_rounds_ = 0;
  double exchange_silence_s_ = 0, ending_s_ = 0;
  int ward_gone_ = 0;  ///< times that the ward's process was found ended
  std::thread exchange_thread_, judge_thread_;
};

}  // namespace retime
