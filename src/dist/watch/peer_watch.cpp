#include "dist/watch/peer_watch.hpp"

#include <algorithm>
#include <cstdio>

namespace retime {
namespace {

constexpr double kLongestSilence_s = 60;
constexpr double kPatience = 6;
/// When rank 0 does not answer, the ranks speak up one after the other: the first one ends the job.
constexpr double kStagger_s = 0.5;
constexpr int kStaggered = 8;

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g s", seconds);
  return text;
}

}  // namespace

WatchLimits WatchLimits::of(double rank_timeout_s) {
  return {rank_timeout_s, std::min(rank_timeout_s, kLongestSilence_s)};
}

PeerWatch::PeerWatch(int own_rank, std::vector<std::string> hosts, const WatchLimits& limits)
    : own_rank_(own_rank), limits_(limits) {
  for (auto& host : hosts) {
    Peer peer;
    peer.host = std::move(host);
    std::snprintf(peer.beat.phase, sizeof(peer.beat.phase), "starting");
    peer.beat.patient = 1;
    peers_.push_back(std::move(peer));
  }
}

bool PeerWatch::watches(int rank) const { return rank != own_rank_ && (own_rank_ == 0 || rank == 0); }

void PeerWatch::heard(int rank, const Beat& beat) {
  Peer& peer = peers_[static_cast<std::size_t>(rank)];
  if (beat.progress != peer.beat.progress) quiet_s_ = 0;
  peer.beat = beat;
  peer.silent_s = 0;
  peer.left = beat.leaving != 0;
}

void PeerWatch::pass(double seconds) {
  quiet_s_ += seconds;
  for (Peer& peer : peers_) peer.silent_s += seconds;
}

std::string PeerWatch::describe(int rank) const {
  const Peer& peer = peers_[static_cast<std::size_t>(rank)];
  return "rank " + std::to_string(rank) + " (host " + peer.host + ", in the phase " + peer.beat.phase + ")";
}

std::vector<int> PeerWatch::silent() const {
  std::vector<int> ranks;
  const double limit = limits_.silence_s + kStagger_s * std::min(own_rank_, kStaggered);
  for (int rank = 0; limits_.silence_s > 0 && rank < static_cast<int>(peers_.size()); ++rank) {
    const Peer& peer = peers_[static_cast<std::size_t>(rank)];
    if (watches(rank) && !peer.left && peer.silent_s > limit) ranks.push_back(rank);
  }
  return ranks;
}

std::optional<std::string> PeerWatch::silence_verdict() const {
  const auto ranks = silent();
  if (ranks.empty()) return std::nullopt;
  const std::string others = ranks.size() > 1 ? " and " + std::to_string(ranks.size() - 1) + " more" : "";
  return describe(ranks[0]) + others + " did not answer for " + seconds_text(limits_.silence_s) +
         " (the process is stopped, or its node or network is gone): look at that node, then run the same command "
         "again";
}

/// Ranks that have joined fewest collective operations: those that the others wait for.
std::vector<int> PeerWatch::laggards() const {
  std::vector<int> ranks;
  for (int rank = 0; rank < static_cast<int>(peers_.size()); ++rank) {
    const auto joined = last_beat(rank).collectives;
    if (!ranks.empty() && joined > last_beat(ranks[0]).collectives) continue;
    if (!ranks.empty() && joined < last_beat(ranks[0]).collectives) ranks.clear();
    ranks.push_back(rank);
  }
  return ranks;
}

std::optional<std::string> PeerWatch::hang_verdict() const {
  if (own_rank_ != 0 || limits_.hang_s <= 0 || quiet_s_ <= limits_.hang_s) return std::nullopt;
  const auto ranks = laggards();
  const bool patient = std::any_of(ranks.begin(), ranks.end(), [&](int rank) { return last_beat(rank).patient != 0; });
  const double limit = limits_.hang_s * (patient ? kPatience : 1);
  if (quiet_s_ <= limit) return std::nullopt;
  const std::string others = ranks.size() > 1 ? " and " + std::to_string(ranks.size() - 1) + " more" : "";
  const std::string effect = ranks.size() < peers_.size() ? ", which keeps the others waiting" : "";
  return "no rank made progress for " + seconds_text(limit) + ": look at " + describe(ranks[0]) + others + effect +
         "; a longer --rank-timeout waits longer";
}

std::optional<std::string> PeerWatch::verdict() const {
  auto sentence = silence_verdict();
  return sentence ? sentence : hang_verdict();
}

}  // namespace retime
