#include "dist/watch/heartbeat.hpp"

#include <algorithm>
#include <cstring>

#include "dist/mpi/mpi_transport.hpp"

namespace retime {
namespace {

constexpr int kTag = 1;

}  // namespace

Beat Beat::of(const Activity& activity) {
  Beat beat;
  beat.progress = activity.progress;
  beat.collectives = activity.collectives;
  beat.patient = activity.patience == Patience::kLong ? 1 : 0;
  std::strncpy(beat.phase, activity.phase.c_str(), sizeof(beat.phase) - 1);
  return beat;
}

HeartbeatExchange::HeartbeatExchange(const Communicator& communicator, int ward)
    : comm_(mpi_comm(communicator).get()), rank_(communicator.rank()) {
  const std::vector<int> wards = communicator.all_gather(ward);
  const auto add = [this](std::vector<Link>& links, int rank) {
    const auto known = std::any_of(links.begin(), links.end(), [&](const Link& link) { return link.rank == rank; });
    if (rank == rank_ || rank < 0 || known) return;
    Link link;
    link.rank = rank;
    links.push_back(link);
  };
  for (int rank = 0; rank < communicator.size(); ++rank) {
    const bool with_root = communicator.is_root() || rank == 0;
    if (with_root || wards[static_cast<std::size_t>(rank)] == rank_) add(outgoing_, rank);
    if (with_root || rank == ward) add(incoming_, rank);
  }
  for (Link& link : incoming_) post_receive(link);
}

// After an exception the messages under way are left to the end of the process.
HeartbeatExchange::~HeartbeatExchange() = default;

bool HeartbeatExchange::is_complete(Link& link) {
  int done = 0;
  check_mpi(MPI_Test(&link.request, &done, MPI_STATUS_IGNORE), "heartbeat");
  return done != 0;
}

void HeartbeatExchange::post_receive(Link& link) {
  check_mpi(MPI_Irecv(&link.beat, sizeof(Beat), MPI_BYTE, link.rank, kTag, comm_.get(), &link.request), "heartbeat");
}

void HeartbeatExchange::send(const Beat& beat) {
  for (Link& link : outgoing_) {
    if (link.done || !is_complete(link)) continue;
    link.beat = beat;
    check_mpi(MPI_Isend(&link.beat, sizeof(Beat), MPI_BYTE, link.rank, kTag, comm_.get(), &link.request), "heartbeat");
  }
}

void HeartbeatExchange::receive(const std::function<void(int, const Beat&)>& heard) {
  for (Link& link : incoming_) {
    while (!link.done && is_complete(link)) {
      const Beat beat = link.beat;
      link.done = beat.leaving != 0;
      if (!link.done) post_receive(link);
      heard(link.rank, beat);
    }
  }
}

bool HeartbeatExchange::send_last(Link& link, const Beat& beat) {
  if (!is_complete(link)) return false;
  if (link.done) return true;
  link.beat = beat;
  link.beat.leaving = 1;
  check_mpi(MPI_Isend(&link.beat, sizeof(Beat), MPI_BYTE, link.rank, kTag, comm_.get(), &link.request), "heartbeat");
  link.done = true;
  return is_complete(link);
}

bool HeartbeatExchange::all_arrived() const {
  return std::all_of(incoming_.begin(), incoming_.end(), [](const Link& link) { return link.done; });
}

// Rank 0 says farewell when all others have, so that its farewell tells them that nobody is at work any more.
bool HeartbeatExchange::part(const Beat& beat, const std::function<void(int, const Beat&)>& heard) {
  receive(heard);
  if (rank_ == 0 && !all_arrived()) {
    send(beat);
    return false;
  }
  bool sent = true;
  for (Link& link : outgoing_) sent = send_last(link, beat) && sent;
  return sent && all_arrived();
}

}  // namespace retime
