#include "dist/watchdog.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <sstream>

#include "core/error.hpp"
#include "dist/mpi_session.hpp"
#include "dist/mpi_transport.hpp"

namespace retime {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kTick_s = 0.2;
constexpr double kLongestBeat_s = 1;
constexpr double kShortestBeat_s = 0.05;
constexpr auto kPartingPoll = std::chrono::milliseconds(1);
/// After MPI was asked to end the job, its ranks have this long.
constexpr double kGrace_s = 10;
/// MPI is given up when it keeps the exchange of beats for longer than a silence of other ranks would be borne.
constexpr double kExchangeGrace_s = 5;

/// One write, past locks that a stuck thread may hold.
void say(int rank, const std::string& sentence) {
  const std::string line = "error [rank " + std::to_string(rank) + "] " + sentence + "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

Watchdog::Watchdog(const Communicator& communicator, double rank_timeout_s)
    : rank_(communicator.rank()),
      host_(communicator.host()),
      watch_(rank_, communicator.all_gather(communicator.host()), WatchLimits::of(rank_timeout_s)) {
  if (mpi_comm(communicator).get() == MPI_COMM_NULL) return;
  launcher_ = find_launcher();
  parent_ = ::getppid();
  if (communicator.size() > 1) {
    find_ward(communicator);
    exchange_ = std::make_unique<HeartbeatExchange>(communicator, ward_);
    exchange_thread_ = std::thread([this] { exchange_beats(); });
  }
  judge_thread_ = std::thread([this] { judge(); });
}

Watchdog::~Watchdog() {
  const Phase phase("finishing", Patience::kLong);
  {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
    if (std::uncaught_exceptions() > 0) stopped_ = true;
  }
  wake_.notify_all();
  if (exchange_thread_.joinable()) exchange_thread_.join();
  stopped_ = true;
  if (judge_thread_.joinable()) judge_thread_.join();
}

// Ranks of a node watch over each other's processes in a ring, if they share one numbering of processes.
void Watchdog::find_ward(const Communicator& communicator) {
  const std::string place = communicator.host() + " " + process_namespace();
  const auto places = communicator.all_gather(place);
  const auto pids = communicator.all_gather(static_cast<std::int32_t>(::getpid()));
  const int size = communicator.size();
  for (int i = 1; i < size; ++i) {
    const int rank = (rank_ + i) % size;
    if (places[static_cast<std::size_t>(rank)] != place) continue;
    neighbours_.push_back(local_process(pids[static_cast<std::size_t>(rank)]));
    neighbour_ranks_.push_back(rank);
  }
  if (neighbours_.empty()) return;
  ward_ = neighbour_ranks_[0];
  ward_process_ = neighbours_[0];
}

void Watchdog::set_rank_timeout(double seconds) {
  const std::lock_guard lock(mutex_);
  watch_.set_limits(WatchLimits::of(seconds));
}

Beat Watchdog::own_beat() const {
  Beat beat = Beat::of(current_activity());
  beat.ending = ending_ ? 1 : 0;
  return beat;
}

void Watchdog::hear(int rank, const Beat& beat) {
  const std::lock_guard lock(mutex_);
  watch_.heard(rank, beat);
  if (beat.ending != 0 && !ending_.exchange(true)) hurry_ = true;
}

double Watchdog::beat_period_s() {
  const auto& limits = watch_.limits();
  const double limit = std::min(limits.hang_s, limits.silence_s);
  return limit > 0 ? std::clamp(limit / 10, kShortestBeat_s, kLongestBeat_s) : kLongestBeat_s;
}

void Watchdog::exchange_beats() {
  try {
    while (!stopped_ && !exchange_once()) ++rounds_;
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    exchange_failure_ = error.what();
  }
}

/// True when all ranks have parted.
bool Watchdog::exchange_once() {
  const auto heard = [this](int rank, const Beat& beat) { hear(rank, beat); };
  std::unique_lock lock(mutex_);
  if (leaving_) {
    lock.unlock();
    if (exchange_->part(own_beat(), heard)) return true;
    std::this_thread::sleep_for(kPartingPoll);
    return false;
  }
  wake_.wait_for(lock, Seconds(beat_period_s()), [this] { return leaving_ || hurry_; });
  hurry_ = false;
  lock.unlock();
  exchange_->receive(heard);
  exchange_->send(own_beat());
  return false;
}

void Watchdog::hurry_exchange() {
  {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
  }
  wake_.notify_all();
}

void Watchdog::announce_end() {
  if (!exchange_ || ending_.exchange(true)) return;
  const std::uint64_t before = rounds_;
  hurry_exchange();
  // The round under way may have looked before the flag was set: the one after it has not.
  for (int i = 0; i < 30 && rounds_ < before + 2; ++i) {
    hurry_exchange();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void Watchdog::judge() {
  auto last = Clock::now();
  while (!stopped_) {
    std::this_thread::sleep_for(Seconds(kTick_s));
    const auto now = Clock::now();
    judge_once(std::min(Seconds(now - last).count(), 2 * kTick_s));
    last = now;
  }
}

void Watchdog::judge_once(double awake_s) {
  if (launcher_.start_ticks != 0 ? !is_running(launcher_) : ::getppid() != parent_) end_without_launcher();
  if (!exchange_ || stopped_) return;
  if (ending_) {
    ending_s_ += awake_s;
    if (ending_s_ > kGrace_s) ::_exit(kExitFailure);
    return;
  }
  check_exchange(awake_s);
  check_ward();
  std::unique_lock lock(mutex_);
  watch_.heard(rank_, own_beat());
  watch_.pass(awake_s);
  const auto verdict = watch_.verdict();
  lock.unlock();
  if (verdict) end_job(*verdict);
}

void Watchdog::check_exchange(double awake_s) {
  const std::uint64_t rounds = rounds_;
  exchange_silence_s_ = rounds == seen_rounds_ ? exchange_silence_s_ + awake_s : 0;
  seen_rounds_ = rounds;
  std::unique_lock lock(mutex_);
  const double limit = watch_.limits().silence_s;
  const std::string failure = exchange_failure_;
  lock.unlock();
  const std::string place =
      "rank " + std::to_string(rank_) + " (host " + host_ + ", in the phase " + current_activity().phase + ")";
  if (!failure.empty()) end_job(place + " lost the others: " + failure);
  if (limit > 0 && exchange_silence_s_ > limit + kExchangeGrace_s) {
    end_job(place + " does not get through to the others (MPI is stuck): look at the network of its node");
  }
}

void Watchdog::check_ward() {
  if (ward_ < 0 || is_running(ward_process_)) return;
  ++ward_gone_;
  hurry_exchange();  // It may have told why.
  if (ward_gone_ < 2) return;
  std::unique_lock lock(mutex_);
  const bool told = ending_ || watch_.last_beat(ward_).leaving != 0;
  const std::string who = watch_.describe(ward_);
  lock.unlock();
  if (told) return;
  end_job(who +
          " has ended without a word (killed, crashed, or out of memory): look at the log of its node, then run "
          "the same command again");
}

void Watchdog::end_job(const std::string& sentence) {
  // In a thread of their own: a full pipe or a launcher that does not answer may keep either.
  std::thread([this, sentence] {
    say(rank_, sentence);
    announce_end();
    abort_job(kExitFailure);
  }).detach();
  std::this_thread::sleep_for(Seconds(kGrace_s));
  std::unique_lock lock(mutex_);
  const auto silent = watch_.silent();
  lock.unlock();
  for (std::size_t i = 0; i < neighbours_.size(); ++i) {
    if (std::find(silent.begin(), silent.end(), neighbour_ranks_[i]) != silent.end()) kill_process(neighbours_[i]);
  }
  ::_exit(kExitFailure);
}

// Nobody is left who would end a stopped rank.
void Watchdog::end_without_launcher() {
  std::thread([this] { say(rank_, "the launcher of rank " + std::to_string(rank_) + " is gone: ending it"); }).detach();
  for (const LocalProcess& neighbour : neighbours_) {
    if (is_stopped(neighbour)) kill_process(neighbour);
  }
  std::this_thread::sleep_for(Seconds(kTick_s));
  ::_exit(kExitFailure);
}

}  // namespace retime
