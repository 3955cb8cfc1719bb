#include "dist/store.hpp"

#include <cstdint>
#include <span>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace retime {
namespace {

/// Nodes reach rank 0 by its host name; ranks of one node need no name resolution.
std::string server_host(const Communicator& communicator) {
  const std::string host = communicator.broadcast(communicator.host());
  return communicator.local_size() == communicator.size() ? "127.0.0.1" : host;
}

}  // namespace

c10::intrusive_ptr<c10d::Store> make_store(const Communicator& communicator, const std::string& name,
                                           std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.isServer = communicator.is_root();
  options.port = 0;
  options.waitWorkers = false;
  options.timeout = timeout;
  const std::string host = server_host(communicator);
  c10::intrusive_ptr<c10d::TCPStore> store;
  if (options.isServer) store = c10::make_intrusive<c10d::TCPStore>(host, options);
  std::int32_t port = store ? store->getPort() : 0;
  communicator.broadcast(std::span(&port, 1));
  options.port = static_cast<std::uint16_t>(port);
  if (!store) store = c10::make_intrusive<c10d::TCPStore>(host, options);
  return c10::make_intrusive<c10d::PrefixStore>(name, store);
}

}  // namespace retime
