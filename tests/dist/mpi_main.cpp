// main() of the tests that run under mpirun. A test passes if it passes on all ranks. Rank 0 prints as usual, the
// others print their failures only, at once and marked with their rank, so that they are seen even if the job hangs.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "core/error.hpp"
#include "dist/mpi/mpi_session.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "dist/mpi/mpi_transport.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

const Communicator* all_ranks = nullptr;

/// After a test that ended on one rank the others have this long to end it too.
constexpr auto kPatience = std::chrono::seconds(60);

class FailurePrinter : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed()) return;
    std::fprintf(stderr, "[rank %d] %s:%d: %s\n", ranks().rank(), part.file_name() ? part.file_name() : "?",
                 part.line_number(), part.message());
  }
};

/// Fails a test on all ranks when it fails on any, and ends the job when ranks are stuck in a test that others left.
class RankAgreement : public testing::EmptyTestEventListener {
 public:
  RankAgreement() : comm_(mpi_comm(ranks()).get()) {}

 private:
  void OnTestEnd(const testing::TestInfo& test) override {
    if (ranks().size() == 1) return;
    const int failed_here = test.result()->Failed() ? 1 : 0;
    int failed_ranks = 0;
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallreduce(&failed_here, &failed_ranks, 1, MPI_INT, MPI_SUM, comm_.get(), &request);
    wait_or_abort(request, test);
    if (failed_ranks > 0 && failed_here == 0) ADD_FAILURE() << "failed on " << failed_ranks << " other rank(s)";
  }

  static void wait_or_abort(MPI_Request& request, const testing::TestInfo& test) {
    const auto begin = std::chrono::steady_clock::now();
    for (int done = 0; done == 0; std::this_thread::sleep_for(std::chrono::microseconds(100))) {
      MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      if (std::chrono::steady_clock::now() - begin < kPatience) continue;
      std::fprintf(stderr, "[rank %d] other ranks are stuck in %s.%s\n", ranks().rank(), test.test_suite_name(),
                   test.name());
      abort_job(1);
    }
  }

  MpiComm comm_;
};

int run_tests() {
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (!ranks().is_root()) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailurePrinter);
  }
  auto* agreement = new RankAgreement;
  listeners.Append(agreement);
  const int result = ranks().all_reduce(RUN_ALL_TESTS(), Reduction::kMax);
  delete listeners.Release(agreement);
  return result;
}

}  // namespace

const Communicator& ranks() { return *all_ranks; }

}  // namespace retime::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    const retime::MpiSession session;
    if (session.world().size() == 1 && std::getenv("RETIME_ONE_RANK") == nullptr)
      throw retime::Error(
          "these tests need ranks: start them with mpirun -n 2, or those of a GPU with RETIME_ONE_RANK=1");
    retime::test::all_ranks = &session.world();
    return retime::test::run_tests();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    retime::abort_job(1);
  }
}
