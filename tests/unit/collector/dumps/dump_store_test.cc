#include "collector/dumps/dump_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/digest/dump_signature.h"
#include "tests/unit/collector/dumps/dump_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

DumpInfo WithFrames(DumpInfo info, std::uint64_t offset) {
  info.threads = {DumpThread{.id = 1,
                             .frames = {{.module = "/usr/bin/sensord",
                                         .build_id = "b1",
                                         .offset = offset,
                                         .function = "parse_line",
                                         .source = {}},
                                        {.module = "/usr/bin/sensord",
                                         .build_id = "b1",
                                         .offset = 99,
                                         .function = "main",
                                         .source = {}}},
                             .registers = {}}};
  return info;
}

TEST_CASE_FIXTURE(DumpFixture, "crashes that look alike are a group with counts of all of them") {
  DumpInfo many = CrashOf("/usr/bin/sensord");
  many.occurrences = 40;
  many.package = "sensord 1.2";
  DumpInfo other_version = CrashOf("/usr/bin/sensord");
  other_version.package = "sensord 1.3";
  Arrive("cam-1", "a", "one", CrashOf("/usr/bin/sensord"));
  Arrive("cam-1", "b", "", many);
  Arrive("cam-2", "a", "two", other_version);
  Arrive("cam-2", "b", "three", CrashOf("/usr/bin/other"));

  const auto groups = Groups();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].title == "SIGSEGV (other)");  // The newest crash is first.
  CHECK(groups[1].title == "SIGSEGV (sensord)");
  CHECK(groups[1].executable == "/usr/bin/sensord");
  CHECK(groups[1].signal == 11);
  CHECK(groups[1].occurrences == 42);
  CHECK(groups[1].kept_dumps == 2);
  CHECK(groups[1].kept_bytes == 6);
  CHECK(groups[1].device_count == 2);
  CHECK(groups[1].devices == Names{"cam-1", "cam-2"});
  CHECK(groups[1].versions == Names{"sensord 1.2", "sensord 1.3"});
  CHECK(groups[1].last_seen - groups[1].first_seen == 2s);
  CHECK(Groups("cam-1").size() == 1);
  CHECK(Groups("cam-3").empty());
}

TEST_CASE_FIXTURE(DumpFixture, "an upload that is recorded again counts once") {
  Arrive("cam-1", "a", "one", CrashOf("/usr/bin/sensord"));
  Arrive("cam-1", "a", "one", CrashOf("/usr/bin/sensord"));
  CHECK(Dumps().size() == 1);
  CHECK(Groups().front().occurrences == 1);
}

TEST_CASE_FIXTURE(DumpFixture, "the time of a crash counts, as far as the device can know it") {
  const WallTime now = scheduler.WallNow();
  DumpInfo known = CrashOf("/bin/a");
  known.clock = ClockTrust::kDevice;
  known.crashed_at = now - 2h;
  known.last_at = now - 1h;
  Arrive("cam", "a", "1", known);
  DumpInfo guessed = CrashOf("/bin/b");
  guessed.clock = ClockTrust::kGuess;
  guessed.crashed_at = now - 2h;
  Arrive("cam", "b", "2", guessed);
  DumpInfo ahead = CrashOf("/bin/c");
  ahead.clock = ClockTrust::kDevice;
  ahead.crashed_at = now + 1h;
  Arrive("cam", "c", "3", ahead);

  const auto groups = Groups();
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].last_seen == now + 3s);
  CHECK(groups[1].first_seen == now + 2s);
  CHECK(groups[2].first_seen == now - 2h);
  CHECK(groups[2].last_seen == now - 1h);
}

TEST_CASE_FIXTURE(DumpFixture, "a list has no threads, the dump itself has") {
  DumpInfo crash = WithFrames(CrashOf("/usr/bin/sensord"), 7);
  crash.log_tail = "the end";
  Arrive("cam", "a", "bytes", crash);
  const auto listed = DecodeDumpInfo(Dumps().front().info);
  REQUIRE(listed);
  CHECK(listed->threads.empty());
  CHECK(listed->log_tail.empty());
  const auto dump = store->Get(Dumps().front().dump.id);
  REQUIRE(dump);
  const auto info = DecodeDumpInfo(dump->info);
  REQUIRE(info);
  CHECK(info->threads == crash.threads);
  CHECK(info->log_tail == "the end");
}

TEST_CASE_FIXTURE(DumpFixture, "an id may be cut short as long as it fits one dump") {
  for (int i = 0; i < 40; ++i) Arrive("cam", std::to_string(i), "", CrashOf("/bin/a"));
  const std::string id = Dumps().front().dump.id;
  CHECK(store->Get(id)->dump.id == id);
  CHECK(store->Get(id.substr(0, 12))->dump.id == id);
  // Forty ids have at most sixteen different first digits.
  std::string several;
  for (const DescribedDump& one : Dumps()) {
    const std::string first = one.dump.id.substr(0, 1);
    if (!store->Get(first)) several = first;
  }
  const auto fits = store->Get(several);
  REQUIRE_FALSE(fits);
  CHECK(fits.error().code == Code::kInvalidArgument);
  CHECK(Text(fits.error().message) == doctest::Contains("fits several dumps: "));
  CHECK(store->Get("").error().code == Code::kInvalidArgument);
  CHECK(store->Get("zz").error().code == Code::kNotFound);
}

TEST_CASE_FIXTURE(DumpFixture, "lists go on where the last page ended") {
  for (int i = 0; i < 7; ++i) {
    Arrive("cam-" + std::to_string(i % 2), std::to_string(i), "",
           CrashOf("/bin/" + std::to_string(i)));
  }
  Names devices;
  DumpCursor after;
  while (true) {
    const auto page = store->List({}, after, 2);
    REQUIRE(page);
    if (page->empty()) break;
    CHECK(page->size() <= 2);
    for (const DescribedDump& one : *page) devices.push_back(one.dump.device);
    after = {page->back().dump.stored_at, page->back().dump.id};
  }
  CHECK(devices == Names{"cam-0", "cam-1", "cam-0", "cam-1", "cam-0", "cam-1", "cam-0"});
  CHECK(Dumps({.group = {}, .device = "cam-1"}).size() == 3);
  CHECK(Dumps({.group = Groups().front().id, .device = {}}).size() == 1);
  GroupCursor cursor;
  std::size_t groups = 0;
  while (true) {
    const auto page = store->ListGroups({}, cursor, 2);
    REQUIRE(page);
    if (page->empty()) break;
    groups += page->size();
    cursor = {page->back().last_seen, page->back().id};
  }
  CHECK(groups == 7);
}

TEST_CASE_FIXTURE(DumpFixture, "removed dumps are gone, and their groups keep their counts") {
  Arrive("cam", "a", "one", CrashOf("/bin/a"));
  Arrive("cam", "b", "two", CrashOf("/bin/a"));
  Arrive("cam", "c", "three", CrashOf("/bin/b"));
  const std::string group = Dumps().back().dump.group;
  const std::string last = Dumps().front().dump.id;

  const auto unknown = store->Remove({last, "0123456789abcdef"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::kNotFound);
  CHECK(Files() == 3);

  const auto removed = store->Remove({Dumps().back().dump.id, group});
  REQUIRE(removed);
  CHECK(removed->dumps == 2);
  CHECK(removed->bytes == 6);
  CHECK(Dumps().size() == 1);
  CHECK(Files() == 1);
  CHECK(Groups().back().occurrences == 2);
  CHECK(Groups().back().kept_dumps == 0);
  CHECK(store->Remove({last})->bytes == 5);
}

TEST_CASE_FIXTURE(DumpFixture,
                  "two dumps with the same bytes share a file until both are removed") {
  Arrive("cam-1", "a", "same", CrashOf("/bin/a"));
  Arrive("cam-2", "a", "same", CrashOf("/bin/a"));
  CHECK(Files() == 1);
  CHECK(store->Usage("cam-1")->all_bytes == 4);
  CHECK(store->Remove({Dumps().front().dump.id})->bytes == 0);
  CHECK(store->OpenBytes(Dumps().front().dump.id));
  CHECK(store->Remove({Dumps().front().dump.id})->bytes == 4);
  CHECK(Files() == 0);
}

TEST_CASE_FIXTURE(DumpFixture, "bytes that were never there, or were removed, say so") {
  DumpInfo bare = CrashOf("/bin/a");
  bare.missing = "too_large";
  Arrive("cam", "a", "", bare);
  const auto opened = store->OpenBytes(Dumps().front().dump.id);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::kFailedPrecondition);
  CHECK(Text(opened.error().message) == doctest::Contains("too_large"));
}

TEST_CASE_FIXTURE(DumpFixture, "a file that a crash left without a dump is removed at the start") {
  Arrive("cam", "a", "one", CrashOf("/bin/a"));
  REQUIRE(store->Adopt(dir.Write("arriving", "stray"), Sha256Of("stray")));
  std::filesystem::create_directories(dir.path() / "store" / "zz");
  CHECK(Files() == 2);
  Reopen();
  CHECK(Files() == 1);
  CHECK(store->OpenBytes(Dumps().front().dump.id));
}

struct ReaderFixture : DumpFixture {
  ReaderFixture() {
    reader = std::make_unique<FakeDumpReader>();
    Reopen();
  }
};

TEST_CASE_FIXTURE(ReaderFixture,
                  "what is found in a dump moves it to the group that it belongs to") {
  Arrive("cam-1", "a", "one", CrashOf("/usr/bin/sensord"));
  Arrive("cam-2", "a", "two", CrashOf("/usr/bin/sensord"));
  CHECK(Groups().front().version == "v1-name");
  CHECK(reader->asked.size() == 1);  // One at a time.

  reader->Answer(WithFrames({}, 7));
  CHECK(reader->asked.size() == 2);

  auto groups = Groups();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].occurrences == 1);
  CHECK(groups[1].occurrences == 1);
  CHECK(groups[1].version == "v1");
  CHECK(groups[1].title == "SIGSEGV in parse_line (sensord)");
  CHECK(groups[1].devices == Names{"cam-1"});
  CHECK(groups[0].devices == Names{"cam-2"});

  reader->Answer(WithFrames({}, 7));
  groups = Groups();
  REQUIRE(groups.size() == 1);  // Nothing was left of the other one.
  CHECK(groups[0].occurrences == 2);
  CHECK(groups[0].kept_dumps == 2);
  CHECK(Dumps({.group = groups[0].id, .device = {}}).size() == 2);
  CHECK(database->QueryInteger("SELECT count(*) FROM dump_group_name").operator*() == 2);
}

TEST_CASE_FIXTURE(ReaderFixture, "a dump in which nothing is found is not looked into again") {
  Arrive("cam", "a", "one", CrashOf("/bin/a"));
  Arrive("cam", "b", "two", CrashOf("/bin/a"));
  reader->Answer(Error{Code::kDataLoss, "no core file"});
  reader->Answer(WithFrames({}, 1));
  CHECK(stats.dump_inspections_failed == 1);
  CHECK(Dumps().back().dump.inspection_error == "no core file");
  Reopen();
  CHECK(reader->asked.size() == 2);
}

TEST_CASE_FIXTURE(ReaderFixture, "dumps that were not looked into are picked up after a restart") {
  Arrive("cam", "a", "one", CrashOf("/bin/a"));
  Arrive("cam", "b", "two", CrashOf("/bin/a"));
  Reopen();
  CHECK(reader->asked.size() == 2);
  reader->Answer(WithFrames({}, 1));
  reader->Answer(WithFrames({}, 1));
  CHECK_FALSE(reader->waiting);
  CHECK(Groups().front().occurrences == 2);
}

TEST_CASE_FIXTURE(DumpFixture, "dumps wait for somebody who can look into them") {
  Arrive("cam", "a", "one", CrashOf("/bin/a"));
  reader = std::make_unique<FakeDumpReader>();
  Reopen();
  CHECK(reader->asked.size() == 1);
}

TEST_CASE_FIXTURE(ReaderFixture, "a dump that was removed meanwhile, or a store that is gone") {
  Arrive("cam", "a", "one", CrashOf("/bin/a"));
  CHECK(store->Remove({Dumps().front().dump.id}));
  reader->Answer(WithFrames({}, 1));
  CHECK(Groups().front().version == "v1-name");
  Arrive("cam", "b", "two", CrashOf("/bin/a"));
  Close();
  reader->Answer(WithFrames({}, 1));
  Open();
}

TEST_CASE_FIXTURE(ReaderFixture, "a description without bytes is nothing to look into") {
  Arrive("cam", "a", "", CrashOf("/bin/a"));
  CHECK(reader->asked.empty());
}

}  // namespace
}  // namespace edgefeed
