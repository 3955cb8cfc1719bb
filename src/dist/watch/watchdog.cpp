#include "dist/watch/watchdog.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "core/error.hpp"
#include "core/process.hpp"
#include "dist/mpi/awake_timer.hpp"
#include "dist/mpi/mpi_session.hpp"
#include "dist/mpi/mpi_transport.hpp"

namespace retime {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kTick_s = 0.2;
constexpr double kLongestBeat_s = 1;
constexpr double kShortestBeat_s = 0.05;
constexpr auto kPartingPoll = std::chrono::milliseconds(1);
/// After MPI was asked to end the job, its ranks have this long.
constexpr double kGrace_s = 10;
/// A rank 0 that lives answers within two beats.
constexpr double kAnswer_s = 6;
constexpr auto kAnswerPoll = std::chrono::milliseconds(10);
constexpr int kNobody = -1;
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
  beat.asks = asks_ ? 1 : 0;
  beat.speaker = speaker_;
  return beat;
}

void Watchdog::hear(int rank, const Beat& beat) {
  const std::lock_guard lock(mutex_);
  watch_.heard(rank, beat);
  if (rank_ == 0 && beat.asks != 0 && give_the_word(rank)) hurry_ = true;
  if (beat.speaker != kNobody && speaker_.exchange(beat.speaker) == kNobody) hurry_ = true;
}

/// True when nobody had it before.
bool Watchdog::give_the_word(int rank) {
  int nobody = kNobody;
  return speaker_.compare_exchange_strong(nobody, rank);
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

bool Watchdog::take_the_word() {
  if (!exchange_) return true;
  if (asks_.exchange(true)) return false;  // Another thread of this rank does, or did.
  if (rank_ == 0 && !give_the_word(0)) return false;
  AwakeTimer timer;
  while (speaker_ == kNobody && !root_gone_ && timer.elapsed_s() < kAnswer_s) {
    hurry_exchange();
    std::this_thread::sleep_for(kAnswerPoll);
  }
  give_the_word(rank_);  // unless an answer has come
  if (speaker_ != rank_) return false;
  spread_the_word();
  return true;
}

void Watchdog::spread_the_word() {
  const std::uint64_t before = rounds_;
  // The round under way may have looked before the word was given: the one after it has not.
  for (int i = 0; i < 30 && rounds_ < before + 2; ++i) {
    hurry_exchange();
    std::this_thread::sleep_for(kAnswerPoll);
  }
}

void Watchdog::wait_for_end(int code) {
  AwakeTimer timer;
  while (timer.elapsed_s() < kGrace_s) std::this_thread::sleep_for(Seconds(kTick_s));
  ::_exit(code);
}

void Watchdog::judge() {
  AwakeTimer timer;
  for (double before = 0; !stopped_;) {
    std::this_thread::sleep_for(Seconds(kTick_s));
    const double now = timer.elapsed_s();
    judge_once(now - before);
    before = now;
  }
}

void Watchdog::judge_once(double awake_s) {
  if (launcher_.start_ticks != 0 ? !is_running(launcher_) : ::getppid() != parent_) end_without_launcher();
  if (!exchange_ || stopped_) return;
  if (speaker_ != kNobody) {
    ending_s_ += awake_s;
    if (ending_s_ > (speaker_ == rank_ ? 2 : 1) * kGrace_s) ::_exit(kExitFailure);
    return;
  }
  check_exchange(awake_s);
  check_ward();
  std::unique_lock lock(mutex_);
  watch_.heard(rank_, own_beat());
  watch_.pass(awake_s);
  const auto verdict = watch_.verdict();
  lock.unlock();
  if (verdict) end_job(*verdict, rank_ != 0);
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
  const bool told = speaker_ != kNobody || watch_.last_beat(ward_).leaving != 0;
  const std::string who = watch_.describe(ward_);
  lock.unlock();
  if (told) return;
  end_job(who +
              " has ended without a word (killed, crashed, or out of memory): look at the log of its node, then run "
              "the same command again",
          ward_ == 0);
}

// What ranks other than 0 find amiss is rank 0 (PeerWatch lets them speak one after the other), their ward, or MPI.
void Watchdog::end_job(const std::string& sentence, bool is_root_gone) {
  if (is_root_gone) root_gone_ = true;
  // In a thread of their own: a full pipe or a launcher that does not answer may keep either.
  std::thread([this, sentence] {
    if (!take_the_word()) return;
    say(rank_, sentence);
    abort_job(kExitFailure);
  }).detach();
  AwakeTimer timer;
  while (timer.elapsed_s() < kAnswer_s + kGrace_s) std::this_thread::sleep_for(Seconds(kTick_s));
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
