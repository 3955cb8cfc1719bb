#include "catalog/status_table.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "catalog/catalog_fixture.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class CatalogStatus : public CatalogFixture {
 protected:
  // Notes a state for the entry as a worker does.
  VideoFolder note(const Entry& entry, VideoState state, const std::string& text = "") {
    const VideoFolder folder(out_, entry);
    make_folder(folder.path());
    VideoStatus status;
    status.state = state;
    status.note = text;
    status.attempts = 1;
    status.host = "node1";
    status.started_s = now_s() - 100;
    status.ended_s = state == VideoState::kRunning ? 0 : now_s();
    status.seconds = state == VideoState::kRunning ? 0 : 100;
    status.written = entry.written;
    status.stamp = input_stamp(entry);
    folder.write(status);
    if (state == VideoState::kDone) test::write_bytes(folder.overview(), "picture");
    return folder;
  }
};

TEST_F(CatalogStatus, IsWhatWasWritten) {
  const auto catalog = list_of({"a"});
  EXPECT_EQ(VideoFolder(out_, catalog.entries[0]).look().state, VideoState::kWaiting) << "nothing was written";
  const auto status = note(catalog.entries[0], VideoState::kFailed, "no \"clip\" <here>").look();
  EXPECT_EQ(status.state, VideoState::kFailed);
  EXPECT_EQ(status.note, "no \"clip\" <here>");
  EXPECT_EQ(status.host, "node1");
  EXPECT_EQ(status.attempts, 1);
  EXPECT_NEAR(status.started_s, now_s() - 100, 30);
  EXPECT_EQ(status.seconds, 100);
}

TEST_F(CatalogStatus, RunningIsWhatSomebodyHolds) {
  const auto catalog = list_of({"a"});
  const auto folder = note(catalog.entries[0], VideoState::kRunning);
  EXPECT_EQ(folder.look().state, VideoState::kInterrupted) << "its process is gone";
  EXPECT_THAT(folder.look().note, HasSubstr("gone"));
  const FolderLock lock(folder.path());
  write_progress_file(folder.progress(), {"train", "epochs", 2, 6, 40});
  const auto status = folder.look();
  EXPECT_EQ(status.state, VideoState::kRunning);
  ASSERT_TRUE(status.progress);
  EXPECT_EQ(status.progress->done, 2);
  EXPECT_GE(status.seconds, 99) << "the running attempt counts";
}

TEST_F(CatalogStatus, ChangesOfTheListOrTheFilesMakeAVideoWaitAgain) {
  for (const auto state : {VideoState::kDone, VideoState::kFailed}) {
    auto catalog = list_of({"a"});
    auto& entry = catalog.entries[0];
    const auto folder = note(entry, state);
    EXPECT_EQ(folder.look().state, state);
    test::write_bytes(folder_ / "a.mp4", "mended clip");
    EXPECT_EQ(folder.look().state, VideoState::kWaiting);
    note(entry, state);
    entry.written = R"({"clip":"a.mp4","epochs":"9"})";
    EXPECT_EQ(folder.look().state, VideoState::kWaiting);
  }
  const auto catalog = list_of({"b"});
  const auto folder = note(catalog.entries[0], VideoState::kDone);
  fs::remove(folder.overview());
  EXPECT_EQ(folder.look().state, VideoState::kWaiting) << "results were removed";
}

TEST_F(CatalogStatus, DamagedNotesAreTakenUp) {
  const auto catalog = list_of({"a"});
  const auto folder = note(catalog.entries[0], VideoState::kDone);
  for (const char* text : {"", "{", "[1]", "{\"state\": \"done\"}", "{\"state\": 3}"}) {
    test::write_bytes(folder.path() / "status.json", text);
    EXPECT_EQ(folder.look().state, VideoState::kInterrupted) << text;
  }
}

TEST_F(CatalogStatus, TableAndJsonTellAll) {
  const auto catalog = list_of({"anna", "Bärbel", "carl", "dora", "emil"});
  note(catalog.entries[0], VideoState::kDone);
  const auto running = note(catalog.entries[1], VideoState::kRunning);
  const FolderLock lock(running.path());
  write_progress_file(running.progress(), {"train", "epochs", 2, 6, 7200});
  note(catalog.entries[2], VideoState::kFailed, "cannot open carl.mp4 (damaged):\ncopy it again");
  note(catalog.entries[3], VideoState::kInterrupted, "stopped, everything is saved");
  auto videos = look_at(catalog, out_, AskSlurm::kNo);
  videos[4].queued = "job 12_4 PENDING";

  const auto table = status_table(videos);
  EXPECT_THAT(table, HasSubstr("video   state        progress          left"));
  EXPECT_THAT(table, ContainsRegex("\nanna    done  +1 min 40 s\n"));
  EXPECT_THAT(table, HasSubstr("\nBärbel  running      train 2/6 epochs  2 h 00 min"));
  EXPECT_THAT(table, HasSubstr("on node1"));
  EXPECT_THAT(table, HasSubstr("cannot open carl.mp4 (damaged): copy it again\n"));
  EXPECT_THAT(table, HasSubstr("\nemil    waiting"));
  EXPECT_THAT(table, HasSubstr("job 12_4 PENDING"));
  EXPECT_EQ(status_counts(videos), "5 videos: 1 done, 1 running, 1 interrupted, 1 waiting, 1 failed");

  const auto json = nlohmann::json::parse(status_json(videos));
  ASSERT_EQ(json.size(), 5U);
  EXPECT_EQ(json[1]["name"], "Bärbel");
  EXPECT_EQ(json[1]["progress"]["done"], 2);
  EXPECT_EQ(json[2]["state"], "failed");
  EXPECT_EQ(json[2]["note"], "cannot open carl.mp4 (damaged):\ncopy it again");
  EXPECT_EQ(json[4]["queued"], "job 12_4 PENDING");
  EXPECT_EQ(json[4]["line"], 6);
}

TEST_F(CatalogStatus, ExitCodeTellsWhatIsLeft) {
  const auto catalog = list_of({"a", "b"});
  const auto code = [&] { return status_exit_code(look_at(catalog, out_, AskSlurm::kNo)); };
  EXPECT_EQ(code(), kExitUnfinished);
  note(catalog.entries[0], VideoState::kFailed);
  EXPECT_EQ(code(), kExitUnfinished);
  note(catalog.entries[1], VideoState::kInterrupted);
  EXPECT_EQ(code(), 75);
  note(catalog.entries[1], VideoState::kDone);
  EXPECT_EQ(code(), 1);
  note(catalog.entries[0], VideoState::kDone);
  EXPECT_EQ(code(), 0);
}

}  // namespace
}  // namespace retime::catalog
