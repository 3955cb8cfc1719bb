#include "stages/frame_relay.hpp"

#include <vector>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr int kFrame = 0, kFailure = 1;  // kinds of messages

}  // namespace

class FrameRelay::Sink final : public FrameSink {
 public:
  explicit Sink(ByteChannel& channel) : channel_(channel) {}
  void add(const Image& rgb) override { channel_.send(0, kFrame, rgb.pixels); }
  void skip() override {}
  void finish() override { channel_.flush(); }

 private:
  ByteChannel& channel_;
};

FrameRelay::FrameRelay(const Communicator& communicator, Size size)
    : parts_(frame_parts(communicator)), size_(size), channel_(communicator.open_channel(FrameParts::kTurn)) {}

void FrameRelay::fetch(int frame, Image& rgb) {
  const int source = parts_.turn_of(frame);
  rgb.size = size_;
  rgb.channels = 3;
  if (channel_->receive(source, rgb.pixels) == kFailure)
    throw Error("rank " + std::to_string(source) + ": " + std::string(rgb.pixels.begin(), rgb.pixels.end()));
}

std::unique_ptr<FrameSink> FrameRelay::sink() { return std::make_unique<Sink>(*channel_); }

void FrameRelay::report_failure(const std::string& message) {
  channel_->send(0, kFailure, {reinterpret_cast<const std::uint8_t*>(message.data()), message.size()});
  channel_->flush();
  std::vector<std::uint8_t> nothing;
  channel_->receive(0, nothing);  // Rank 0 sends none: it ends the job, or the watch over ranks does.
}

}  // namespace retime
