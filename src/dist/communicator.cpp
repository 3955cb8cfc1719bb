#include "dist/communicator.hpp"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <numeric>
#include <utility>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "dist/mpi_support.hpp"

namespace retime {

struct Communicator::World {
  World() = default;
  explicit World(MPI_Comm parent) : comm(parent), rank(comm.rank()), size(comm.size()) {}

  MpiComm comm;
  int rank = 0;
  int size = 1;
  int local_rank = 0;
  int local_size = 1;
  std::string host;
};

namespace {

/// MPI counts are int: longer spans travel in pieces of this many elements.
constexpr std::size_t kMaxCount = std::size_t{1} << 30;

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, HOST_NAME_MAX) == 0 ? name : "localhost";
}

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

NumberLayout layout_of(int number_type) {
  const NumberLayout layouts[] = {{MPI_INT8_T, 1},  {MPI_UINT8_T, 1},  {MPI_INT32_T, 4}, {MPI_UINT32_T, 4},
                                  {MPI_INT64_T, 8}, {MPI_UINT64_T, 8}, {MPI_FLOAT, 4},   {MPI_DOUBLE, 8}};
  return layouts[number_type];
}

/// Calls `transfer(address, count)` for pieces of an array that are short enough for MPI.
template <class Transfer>
void in_pieces(void* values, std::size_t count, std::size_t bytes, const Transfer& transfer) {
  for (std::size_t first = 0; first < count; first += kMaxCount) {
    const int piece = static_cast<int>(std::min(kMaxCount, count - first));
    transfer(static_cast<char*>(values) + first * bytes, piece);
  }
}

}  // namespace

Communicator::Communicator() {
  auto world = std::make_shared<World>();
  world->host = host_name();
  world_ = std::move(world);
}

Communicator::Communicator(std::shared_ptr<const World> world) : world_(std::move(world)) {}

Communicator Communicator::world() {
  auto world = std::make_shared<World>(MPI_COMM_WORLD);
  world->host = host_name();
  std::tie(world->local_rank, world->local_size) = local_rank_and_size(world->comm);
  return Communicator(std::move(world));
}

int Communicator::rank() const noexcept { return world_->rank; }
int Communicator::size() const noexcept { return world_->size; }
int Communicator::local_rank() const noexcept { return world_->local_rank; }
int Communicator::local_size() const noexcept { return world_->local_size; }
const std::string& Communicator::host() const noexcept { return world_->host; }
const MpiComm& Communicator::mpi() const noexcept { return world_->comm; }

void Communicator::barrier() const {
  if (size() == 1) return;
  note_collective();
  // MPI_Barrier would burn a core for as long as another rank prepares a clip.
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(mpi().get(), &request), "barrier");
  wait_until([&] {
    int done = 0;
    check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "barrier");
    return done != 0;
  });
}

void Communicator::all_reduce_raw(void* values, std::size_t count, NumberType type, Reduction reduction) const {
  if (size() == 1) return;
  note_collective();
  const NumberLayout layout = layout_of(static_cast<int>(type));
  in_pieces(values, count, layout.bytes, [&](void* first, int piece) {
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, first, piece, layout.mpi_type, mpi_op(reduction), mpi().get()), "all-reduce");
  });
}

void Communicator::broadcast_raw(void* values, std::size_t count, NumberType type, int root) const {
  if (size() == 1) return;
  note_collective();
  const NumberLayout layout = layout_of(static_cast<int>(type));
  in_pieces(values, count, layout.bytes, [&](void* first, int piece) {
    check_mpi(MPI_Bcast(first, piece, layout.mpi_type, root, mpi().get()), "broadcast");
  });
}

void Communicator::all_gather_raw(const void* value, void* values, NumberType type) const {
  const NumberLayout layout = layout_of(static_cast<int>(type));
  if (size() == 1) {
    std::copy_n(static_cast<const char*>(value), layout.bytes, static_cast<char*>(values));
    return;
  }
  note_collective();
  check_mpi(MPI_Allgather(value, 1, layout.mpi_type, values, 1, layout.mpi_type, mpi().get()), "all-gather");
}

std::string Communicator::broadcast(const std::string& text, int root) const {
  std::uint64_t length = text.size();
  broadcast(std::span(&length, 1), root);
  std::string result = rank() == root ? text : std::string(length, '\0');
  broadcast(std::span(result.data(), result.size()), root);
  return result;
}

std::vector<std::string> Communicator::all_gather(const std::string& text) const {
  if (size() == 1) return {text};
  const int length = checked_length(text);
  const std::vector<int> lengths = all_gather(length);
  const std::vector<int> offsets = offsets_of(lengths);
  std::string all(static_cast<std::size_t>(offsets.back()), '\0');
  check_mpi(
      MPI_Allgatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), offsets.data(), MPI_CHAR, mpi().get()),
      "all-gather of texts");
  return split_at(all, offsets);
}

std::vector<std::string> Communicator::gather(const std::string& text, int root) const {
  if (size() == 1) return {text};
  const int length = checked_length(text);
  const std::vector<int> lengths = all_gather(length);
  const std::vector<int> offsets = offsets_of(lengths);
  const bool receives = rank() == root;
  std::string all(receives ? static_cast<std::size_t>(offsets.back()) : 0, '\0');
  check_mpi(MPI_Gatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), offsets.data(), MPI_CHAR, root,
                        mpi().get()),
            "gather of texts");
  return receives ? split_at(all, offsets) : std::vector<std::string>{};
}

}  // namespace retime
