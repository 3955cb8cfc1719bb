#include "post/video/video_writer.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>

#include "core/error.hpp"
#include "core/file_size_limit.hpp"
#include "core/files.hpp"
#include "core/temporary_folder.hpp"
#include "post/media_probe.hpp"
#include "post/wav_file.hpp"

namespace retime {
namespace {

using namespace test;

Image flat(Size size, std::uint8_t level) {
  Image image(size, 3);
  std::fill(image.pixels.begin(), image.pixels.end(), level);
  return image;
}

VideoWriterOptions fast() {
  VideoWriterOptions options;
  options.preset = "ultrafast";
  return options;
}

void write_clip(const std::filesystem::path& path, int frames, Size size = {64, 48}, FrameRate rate = {25, 1},
                const VideoWriterOptions& options = fast()) {
  VideoWriter writer(path, size, rate, options);
  for (int i = 0; i < frames; ++i) writer.add(flat(size, static_cast<std::uint8_t>(20 + 2 * i)));
  writer.finish();
}

/// Times of the bursts in a file's sound, in seconds.
std::vector<double> find_bursts(const std::filesystem::path& path) {
  std::vector<double> found;
  decode(path, AVMEDIA_TYPE_AUDIO, [&](const AVFrame& frame, AVRational time_base) {
    const auto* samples = reinterpret_cast<const float*>(frame.data[0]);
    for (int i = 0; i < frame.nb_samples; ++i) {
      const double time_s =
          static_cast<double>(frame.pts) * av_q2d(time_base) + static_cast<double>(i) / frame.sample_rate;
      if (std::abs(samples[i]) > 0.3 && (found.empty() || time_s > found.back() + 0.1)) found.push_back(time_s);
    }
  });
  return found;
}

TEST(VideoWriter, TagsRateAndLengthAreExact) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", 31, {64, 48}, {30000, 1001});
  const auto streams = probe(folder / "a.mp4");
  ASSERT_EQ(streams.size(), 1U);
  const ProbedStream& video = streams[0];
  EXPECT_EQ(video.codec, AV_CODEC_ID_H264);
  EXPECT_EQ(video.rate.num, 30000);
  EXPECT_EQ(video.rate.den, 1001);
  EXPECT_EQ(video.packets, 31);
  EXPECT_DOUBLE_EQ(video.begin_s, 0);
  EXPECT_NEAR(video.end_s, 31 * 1001.0 / 30000, 1e-6);
  EXPECT_EQ(video.range, AVCOL_RANGE_MPEG);
  EXPECT_EQ(video.matrix, AVCOL_SPC_BT709);
  EXPECT_EQ(video.primaries, AVCOL_PRI_BT709);
  EXPECT_EQ(video.transfer, AVCOL_TRC_BT709);
  EXPECT_EQ(folder.entries(), 1);
}

TEST(VideoWriter, IndexStandsBeforeThePictures) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", 5);
  std::ifstream file(folder / "a.mp4", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_NE(bytes.find("moov"), std::string::npos);
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST(VideoWriter, OddSizesGrowByARepeatedColumnAndRow) {
  const TemporaryFolder folder;
  VideoWriterOptions options = fast();
  options.crf = 1;
  VideoWriter writer(folder / "a.mp4", {35, 21}, {25, 1}, options);
  Image image = flat({35, 21}, 40);
  for (int y = 0; y < 21; ++y) std::fill_n(image.row(y) + 3 * 34, 3, std::uint8_t{220});
  writer.add(image);
  writer.finish();
  int checked = 0;
  decode(folder / "a.mp4", AVMEDIA_TYPE_VIDEO, [&](const AVFrame& frame, AVRational) {
    EXPECT_EQ(frame.width, 36);
    EXPECT_EQ(frame.height, 22);
    EXPECT_NEAR(frame.data[0][21 * frame.linesize[0] + 35], frame.data[0][34], 3);
    ++checked;
  });
  EXPECT_EQ(checked, 1);
}

TEST(VideoWriter, NothingRemainsOfAnUnfinishedFile) {
  const TemporaryFolder folder;
  {
    VideoWriter writer(folder / "a.mp4", {64, 48}, {25, 1}, fast());
    for (int i = 0; i < 5; ++i) writer.add(flat({64, 48}, 100));
    EXPECT_FALSE(std::filesystem::exists(folder / "a.mp4"));
  }
  EXPECT_EQ(folder.entries(), 0);
}

TEST(VideoWriter, RemovesWhatAKilledOneLeft) {
  const TemporaryFolder folder;
  const pid_t killed = ::fork();
  if (killed == 0) ::_exit(0);
  ASSERT_GT(killed, 0);
  ::waitpid(killed, nullptr, 0);
  std::string name = temporary_name(folder / "a.mp4").string();
  name.replace(name.rfind('-') + 1, std::string::npos, std::to_string(killed));
  std::ofstream(name) << "half a video";
  write_clip(folder / "a.mp4", 3);
  EXPECT_EQ(folder.entries(), 1);
}

TEST(VideoWriter, AnOlderFileStaysUntilTheNewOneIsComplete) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", 3);
  {
    VideoWriter writer(folder / "a.mp4", {64, 48}, {25, 1}, fast());
    writer.add(flat({64, 48}, 100));
  }
  EXPECT_EQ(probe(folder / "a.mp4")[0].packets, 3);
  write_clip(folder / "a.mp4", 4);
  EXPECT_EQ(probe(folder / "a.mp4")[0].packets, 4);
}

TEST(VideoWriter, ErrorsNameTheFileAndTheCause) {
  const TemporaryFolder folder;
  const auto creation_error = [&](const std::string& name, Size size, const VideoWriterOptions& options) {
    return message_of<Error>([&] { VideoWriter(folder / name, size, {25, 1}, options); });
  };
  EXPECT_NE(creation_error("a.avi", {64, 48}, fast()).find("'.avi'"), std::string::npos);
  EXPECT_NE(creation_error("a.mp4", {1, 48}, fast()).find("1x48"), std::string::npos);
  VideoWriterOptions wrong = fast();
  wrong.preset = "medum";
  EXPECT_NE(creation_error("a.mp4", {64, 48}, wrong).find("medium"), std::string::npos);
  std::ofstream(folder / "file") << "x";
  EXPECT_NE(creation_error("file/a.mp4", {64, 48}, fast()).find("file"), std::string::npos);
  EXPECT_EQ(folder.entries(), 1);
}

TEST(VideoWriter, RefusesFramesOfAnotherSizeAndEmptyVideos) {
  const TemporaryFolder folder;
  VideoWriter writer(folder / "a.mp4", {64, 48}, {25, 1}, fast());
  EXPECT_NE(message_of<Error>([&] { writer.finish(); }).find("no frames"), std::string::npos);
  EXPECT_NE(message_of<Error>([&] { writer.add(flat({64, 50}, 1)); }).find("64x50"), std::string::npos);
  EXPECT_THROW(writer.add(Image({64, 48}, 4)), Error);
}

TEST(VideoWriter, AFullDiskIsAnErrorAndLeavesNothing) {
  const TemporaryFolder folder;
  std::mt19937 random(5);
  const std::string message = message_of<Error>([&] {
    const test::FileSizeLimit limit(100'000);
    VideoWriter writer(folder / "a.mp4", {256, 256}, {25, 1}, fast());
    Image noise({256, 256}, 3);
    for (int i = 0; i < 30; ++i) {
      for (auto& value : noise.pixels) value = static_cast<std::uint8_t>(random());
      writer.add(noise);
    }
    writer.finish();
  });
  EXPECT_NE(message.find("a.mp4"), std::string::npos);
  EXPECT_NE(message.find("free space"), std::string::npos) << message;
  EXPECT_EQ(folder.entries(), 0);
}

TEST(VideoWriterAudio, PcmBecomesAacCutToTheOutput) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", 4, {0.5, 1.0, 1.75, 3.5});
  VideoWriterOptions options = fast();
  options.audio = AudioReference{folder / "a.wav", 0.25, std::nullopt};
  write_clip(folder / "a.mp4", 50, {64, 48}, {25, 1}, options);
  const auto streams = probe(folder / "a.mp4");
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[1].codec, AV_CODEC_ID_AAC);
  EXPECT_NEAR(streams[1].end_s, 2.0, 0.002);
  const auto bursts = find_bursts(folder / "a.mp4");
  ASSERT_EQ(bursts.size(), 3U);
  EXPECT_NEAR(bursts[0], 0.25, 0.002);
  EXPECT_NEAR(bursts[1], 0.75, 0.002);
  EXPECT_NEAR(bursts[2], 1.5, 0.002);
}

TEST(VideoWriterAudio, AacPacketsAreCopiedFromTheStartOn) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", 4, {0.5, 1.0, 1.75, 3.5});
  VideoWriterOptions options = fast();
  options.audio = AudioReference{folder / "a.wav", 0, std::nullopt};
  write_clip(folder / "source.mp4", 100, {64, 48}, {25, 1}, options);
  options.audio = AudioReference{folder / "source.mp4", 0.8, 1.5};
  write_clip(folder / "a.mp4", 50, {64, 48}, {25, 1}, options);
  const auto streams = probe(folder / "a.mp4");
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_NEAR(streams[1].end_s, 1.5, 0.002);
  EXPECT_NEAR(streams[0].end_s, 2.0, 1e-6);
  const auto bursts = find_bursts(folder / "a.mp4");
  ASSERT_EQ(bursts.size(), 2U);
  EXPECT_NEAR(bursts[0], 0.2, 0.002);
  EXPECT_NEAR(bursts[1], 0.95, 0.002);
}

// The streams of a clip as MPEG-TS.
std::string as_transport_stream(const std::filesystem::path& from, const std::filesystem::path& to) {
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, from.c_str(), nullptr, nullptr) < 0) throw std::runtime_error("cannot open");
  const libav::Input input(opened);
  avformat_find_stream_info(opened, nullptr);
  AVFormatContext* output = nullptr;
  avformat_alloc_output_context2(&output, nullptr, "mpegts", to.c_str());
  for (unsigned i = 0; i < opened->nb_streams; ++i) {
    AVStream* stream = avformat_new_stream(output, nullptr);
    avcodec_parameters_copy(stream->codecpar, opened->streams[i]->codecpar);
    stream->codecpar->codec_tag = 0;
  }
  avio_open(&output->pb, to.c_str(), AVIO_FLAG_WRITE);
  if (avformat_write_header(output, nullptr) < 0) throw std::runtime_error("cannot write");
  const libav::Packet packet(av_packet_alloc());
  while (av_read_frame(opened, packet.get()) >= 0) {
    const int i = packet->stream_index;
    av_packet_rescale_ts(packet.get(), opened->streams[i]->time_base, output->streams[i]->time_base);
    av_interleaved_write_frame(output, packet.get());
  }
  av_write_trailer(output);
  avio_closep(&output->pb);
  avformat_free_context(output);
  std::ostringstream bytes;
  bytes << std::ifstream(to, std::ios::binary).rdbuf();
  return bytes.str();
}

TEST(VideoWriterAudio, SoundOfJoinedRecordingsGoesOn) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", 2, {0.5, 1.5});
  VideoWriterOptions options = fast();
  options.audio = AudioReference{folder / "a.wav", 0, std::nullopt};
  write_clip(folder / "a.mp4", 50, {64, 48}, {25, 1}, options);
  const auto once = as_transport_stream(folder / "a.mp4", folder / "a.ts");
  std::ofstream(folder / "joined.ts", std::ios::binary) << once << once;
  for (const double start_s : {0.0, 2.2}) {
    options.audio = AudioReference{folder / "joined.ts", start_s, std::nullopt};
    const int frames = start_s == 0 ? 100 : 45;
    write_clip(folder / "b.mp4", frames, {64, 48}, {25, 1}, options);
    EXPECT_NEAR(probe(folder / "b.mp4")[1].end_s, frames / 25.0, 0.1);
    const auto bursts = find_bursts(folder / "b.mp4");
    const std::vector<double> wanted = start_s == 0 ? std::vector{0.5, 1.5, 2.5, 3.5} : std::vector{0.3, 1.3};
    ASSERT_EQ(bursts.size(), wanted.size()) << start_s;
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(bursts[i], wanted[i], 0.08) << start_s;
  }
}

TEST(VideoWriterAudio, MissingSoundIsOnlyAWarning) {
  const TemporaryFolder folder;
  VideoWriterOptions options = fast();
  options.audio = AudioReference{folder / "none.wav", 0, std::nullopt};
  write_clip(folder / "silent.mp4", 5, {64, 48}, {25, 1}, options);
  options.audio = AudioReference{folder / "silent.mp4", 0, std::nullopt};
  write_clip(folder / "a.mp4", 5, {64, 48}, {25, 1}, options);
  EXPECT_EQ(probe(folder / "a.mp4").size(), 1U);
}

TEST(VideoWriterAudio, SoundThatEndsEarlyDoesNotStopThePictures) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", 0.5, {0.1});
  VideoWriterOptions options = fast();
  options.audio = AudioReference{folder / "a.wav", 0, std::nullopt};
  write_clip(folder / "a.mp4", 50, {64, 48}, {25, 1}, options);
  const auto streams = probe(folder / "a.mp4");
  EXPECT_EQ(streams[0].packets, 50);
  EXPECT_NEAR(streams[1].end_s, 0.5, 0.03);
}

}  // namespace
}  // namespace retime
