#pragma once

#include "ranks/communicator.hpp"

namespace retime::test {

/// The ranks that this test program was started with; set by mpi_main.cpp.
const Communicator& ranks();

}  // namespace retime::test
