#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace retime {

/// Messages of bytes from rank to rank, apart from all other traffic. Memory is bounded on both sides: a message leaves
/// its sender when the receiver takes it, and a sender holds a limited number. Waiting leaves the core to others. The
/// destructor waits until everything that was sent has been taken, unless an exception passes by.
class ByteChannel {
 public:
  virtual ~ByteChannel() = default;

  /// Sends a copy of up to 2 GiB to rank `target`. Waits while too many messages are under way.
  virtual void send(int target, int tag, std::span<const std::uint8_t> bytes) = 0;
  /// Waits for the next message of rank `source`, in the order of sending, and returns its tag.
  virtual int receive(int source, std::vector<std::uint8_t>& bytes) = 0;
  /// Waits until everything that was sent has been taken.
  virtual void flush() = 0;
};

}  // namespace retime
