#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "dist/mpi/mpi_support.hpp"
#include "ranks/communicator.hpp"

namespace retime {

class MpiComm;

/// A communicator over all ranks of the job. MPI must run. This call is MPI collective.
Communicator mpi_world();

/// MPI's communicator beneath, for those who duplicate it (`mpi_support.hpp`). Holds MPI_COMM_NULL without MPI.
const MpiComm& mpi_comm(const Communicator& communicator) noexcept;

/// A ByteChannel on a communicator of its own.
class MpiByteChannel final : public ByteChannel {
 public:
  /// `most_under_way`: messages that this rank may have sent and nobody has taken. This call is MPI collective.
  MpiByteChannel(MPI_Comm parent, std::size_t most_under_way);
  ~MpiByteChannel() override;
  MpiByteChannel(const MpiByteChannel&) = delete;
  MpiByteChannel& operator=(const MpiByteChannel&) = delete;

  void send(int target, int tag, std::span<const std::uint8_t> bytes) override;
  int receive(int source, std::vector<std::uint8_t>& bytes) override;
  void flush() override;

 private:
  struct Message;
  void wait_for_room(std::size_t most);

  MpiComm comm_;
  std::size_t most_under_way_;
  std::deque<std::unique_ptr<Message>> under_way_;
};

}  // namespace retime
