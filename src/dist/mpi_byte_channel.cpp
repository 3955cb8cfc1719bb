#include "dist/mpi_byte_channel.hpp"

#include <climits>
#include <exception>

#include "core/error.hpp"

namespace retime {

struct MpiByteChannel::Message {
  std::vector<std::uint8_t> bytes;
  MPI_Request request = MPI_REQUEST_NULL;
};

MpiByteChannel::MpiByteChannel(MPI_Comm parent, std::size_t most_under_way)
    : comm_(parent), most_under_way_(most_under_way) {}

MpiByteChannel::~MpiByteChannel() {
  if (std::uncaught_exceptions() == 0 && mpi_is_running()) {
    try {
      flush();
      return;
    } catch (const Error&) {  // MPI failed: the buffers may still be its own.
    }
  }
  for (auto& message : under_way_) static_cast<void>(message.release());
}

void MpiByteChannel::send(int target, int tag, std::span<const std::uint8_t> bytes) {
  if (bytes.size() > INT_MAX)
    throw Error("a message of " + std::to_string(bytes.size()) + " bytes is too long for MPI: send it in parts");
  wait_for_room(most_under_way_ - 1);
  auto message = std::make_unique<Message>();
  message->bytes.assign(bytes.begin(), bytes.end());
  // Synchronous: a small message would otherwise pile up at the receiver.
  check_mpi(MPI_Issend(message->bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, target, tag, comm_.get(),
                       &message->request),
            "sending a message");
  under_way_.push_back(std::move(message));
}

int MpiByteChannel::receive(int source, std::vector<std::uint8_t>& bytes) {
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  wait_until([&] {
    int found = 0;
    check_mpi(MPI_Improbe(source, MPI_ANY_TAG, comm_.get(), &found, &message, &status), "waiting for a message");
    return found != 0;
  });
  int count = 0;
  MPI_Get_count(&status, MPI_BYTE, &count);
  bytes.resize(static_cast<std::size_t>(count));
  check_mpi(MPI_Mrecv(bytes.data(), count, MPI_BYTE, &message, MPI_STATUS_IGNORE), "receiving a message");
  return status.MPI_TAG;
}

void MpiByteChannel::flush() { wait_for_room(0); }

void MpiByteChannel::wait_for_room(std::size_t most) {
  wait_until([&] {
    while (!under_way_.empty()) {
      int taken = 0;
      check_mpi(MPI_Test(&under_way_.front()->request, &taken, MPI_STATUS_IGNORE), "sending a message");
      if (taken == 0) break;
      under_way_.pop_front();
    }
    return under_way_.size() <= most;
  });
}

}  // namespace retime
