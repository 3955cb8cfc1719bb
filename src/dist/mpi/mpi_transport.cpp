#include "dist/mpi/mpi_transport.hpp"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <exception>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/process.hpp"

namespace retime {
namespace {

/// MPI counts are int: longer spans travel in pieces of this many elements.
constexpr std::size_t kMaxCount = std::size_t{1} << 30;

std::pair<int, int> local_rank_and_size(const MpiComm& comm) {
  MPI_Comm node = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(comm.get(), MPI_COMM_TYPE_SHARED, comm.rank(), MPI_INFO_NULL, &node),
            "MPI_Comm_split_type");
  std::pair<int, int> result{0, 1};
  MPI_Comm_rank(node, &result.first);
  MPI_Comm_size(node, &result.second);
  MPI_Comm_free(&node);
  return result;
}

MPI_Op mpi_op(Reduction reduction) {
  switch (reduction) {
    case Reduction::kMin:
      return MPI_MIN;
    case Reduction::kMax:
      return MPI_MAX;
    case Reduction::kSum:
      break;
  }
  return MPI_SUM;
}

/// Start of each text in the concatenation of all, and the total length at the end.
std::vector<int> offsets_of(const std::vector<int>& lengths) {
  std::vector<int> offsets(lengths.size() + 1, 0);
  std::int64_t total = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    total += lengths[i];
    if (total > INT_MAX) throw Error("gathered texts exceed 2 GiB (" + std::to_string(total) + " bytes): send less");
    offsets[i + 1] = static_cast<int>(total);
  }
  return offsets;
}

std::vector<std::string> split_at(const std::string& all, const std::vector<int>& offsets) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    texts.push_back(
        all.substr(static_cast<std::size_t>(offsets[i]), static_cast<std::size_t>(offsets[i + 1] - offsets[i])));
  }
  return texts;
}

int checked_length(const std::string& text) {
  if (text.size() > INT_MAX) throw Error("text to gather exceeds 2 GiB: send less");
  return static_cast<int>(text.size());
}

struct NumberLayout {
  MPI_Datatype mpi_type;
  std::size_t bytes;
};

NumberLayout layout_of(RankNumberType type) {
  const NumberLayout layouts[] = {{MPI_INT8_T, 1},  {MPI_UINT8_T, 1},  {MPI_INT32_T, 4}, {MPI_UINT32_T, 4},
                                  {MPI_INT64_T, 8}, {MPI_UINT64_T, 8}, {MPI_FLOAT, 4},   {MPI_DOUBLE, 8}};
  return layouts[static_cast<int>(type)];
}

/// Starts a collective operation and waits for it without burning a core: another rank may prepare a clip meanwhile.
template <class Start>
void complete(const char* what, const Start& start) {
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(start(&request), what);
  wait_for(request, what);
}

/// Calls `transfer(address, count)` for pieces of an array that are short enough for MPI.
template <class Transfer>
void in_pieces(void* values, std::size_t count, std::size_t bytes, const Transfer& transfer) {
  for (std::size_t first = 0; first < count; first += kMaxCount) {
    const int piece = static_cast<int>(std::min(kMaxCount, count - first));
    transfer(static_cast<char*>(values) + first * bytes, piece);
  }
}

/// A duplicate of the world communicator.
class MpiTransport final : public RankTransport {
 public:
  MpiTransport() : comm_(MPI_COMM_WORLD) {
    place_.rank = comm_.rank();
    place_.size = comm_.size();
    std::tie(place_.local_rank, place_.local_size) = local_rank_and_size(comm_);
    place_.host = host_name();
  }
  const MpiComm& comm() const noexcept { return comm_; }

  const RankPlace& place() const noexcept override { return place_; }
  void barrier() const override;
  void all_reduce(void* values, std::size_t count, RankNumberType type, Reduction reduction) const override;
  void broadcast(void* values, std::size_t count, RankNumberType type, int root) const override;
  void all_gather(const void* value, void* values, RankNumberType type) const override;
  std::vector<std::string> all_gather(const std::string& text) const override;
  std::vector<std::string> gather(const std::string& text, int root) const override;
  std::unique_ptr<ByteChannel> open_channel(std::size_t most_under_way) const override {
    return std::make_unique<MpiByteChannel>(comm_.get(), most_under_way);
  }

 private:
  std::vector<int> lengths_of(int length) const;

  MpiComm comm_;
  RankPlace place_;
};

void MpiTransport::barrier() const {
  complete("barrier", [&](MPI_Request* request) { return MPI_Ibarrier(comm_.get(), request); });
}

void MpiTransport::all_reduce(void* values, std::size_t count, RankNumberType type, Reduction reduction) const {
  const NumberLayout layout = layout_of(type);
  in_pieces(values, count, layout.bytes, [&](void* first, int piece) {
    complete("all-reduce", [&](MPI_Request* request) {
      return MPI_Iallreduce(MPI_IN_PLACE, first, piece, layout.mpi_type, mpi_op(reduction), comm_.get(), request);
    });
  });
}

void MpiTransport::broadcast(void* values, std::size_t count, RankNumberType type, int root) const {
  const NumberLayout layout = layout_of(type);
  in_pieces(values, count, layout.bytes, [&](void* first, int piece) {
    complete("broadcast", [&](MPI_Request* request) {
      return MPI_Ibcast(first, piece, layout.mpi_type, root, comm_.get(), request);
    });
  });
}

void MpiTransport::all_gather(const void* value, void* values, RankNumberType type) const {
  const auto mpi_type = layout_of(type).mpi_type;
  complete("all-gather", [&](MPI_Request* request) {
    return MPI_Iallgather(value, 1, mpi_type, values, 1, mpi_type, comm_.get(), request);
  });
}

std::vector<int> MpiTransport::lengths_of(int length) const {
  std::vector<int> lengths(static_cast<std::size_t>(place_.size));
  all_gather(&length, lengths.data(), RankNumberType::kInt32);
  return lengths;
}

std::vector<std::string> MpiTransport::all_gather(const std::string& text) const {
  const int length = checked_length(text);
  const std::vector<int> lengths = lengths_of(length);
  const std::vector<int> offsets = offsets_of(lengths);
  std::string all(static_cast<std::size_t>(offsets.back()), '\0');
  complete("all-gather of texts", [&](MPI_Request* request) {
    return MPI_Iallgatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), offsets.data(), MPI_CHAR,
                           comm_.get(), request);
  });
  return split_at(all, offsets);
}

std::vector<std::string> MpiTransport::gather(const std::string& text, int root) const {
  const int length = checked_length(text);
  const std::vector<int> lengths = lengths_of(length);
  const std::vector<int> offsets = offsets_of(lengths);
  const bool receives = place_.rank == root;
  std::string all(receives ? static_cast<std::size_t>(offsets.back()) : 0, '\0');
  complete("gather of texts", [&](MPI_Request* request) {
    return MPI_Igatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), offsets.data(), MPI_CHAR, root,
                        comm_.get(), request);
  });
  return receives ? split_at(all, offsets) : std::vector<std::string>{};
}

}  // namespace

Communicator mpi_world() { return Communicator(std::make_shared<MpiTransport>()); }

const MpiComm& mpi_comm(const Communicator& communicator) noexcept {
  static const MpiComm none;
  const auto* transport = dynamic_cast<const MpiTransport*>(communicator.transport());
  return transport ? transport->comm() : none;
}

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
