#include "collector/dumps/dump_retention.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/collector/dumps/dump_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE_FIXTURE(DumpFixture, "a full group keeps its first dumps and its latest") {
  limits.per_group = 4;
  Reopen();
  for (int i = 0; i < 7; ++i) {
    Arrive("cam", std::to_string(i), "bytes " + std::to_string(i), CrashOf("/bin/a"));
  }
  CHECK(Kept() == "kk...kk");
  CHECK(Files() == 4);
  CHECK(Groups().front().occurrences == 7);
  CHECK(stats.dumps_removed[static_cast<std::size_t>(DumpRemoval::kGroupFull)] == 3);
  const auto opened = store->OpenBytes(Dumps()[3].dump.id);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message.ends_with("no bytes are kept: group_full"));
}

TEST_CASE_FIXTURE(DumpFixture, "bytes go after a month, what is known after three") {
  Arrive("cam", "a", "bytes", CrashOf("/bin/a"));
  scheduler.Advance(29 * 24h);
  CHECK(Kept() == "k");
  scheduler.Advance(2 * 24h);
  CHECK(Kept() == ".");
  CHECK(Files() == 0);
  scheduler.Advance(60 * 24h);
  CHECK(Kept().empty());
  CHECK(Groups().front().occurrences == 1);
}

TEST_CASE_FIXTURE(DumpFixture, "room is made in the group with the most bytes, its oldest first") {
  Arrive("cam", "1", std::string(60, 'a'), CrashOf("/bin/small"));
  Arrive("cam", "2", std::string(61, 'b'), CrashOf("/bin/small"));
  Arrive("cam", "3", std::string(500, 'c'), CrashOf("/bin/looping"));
  Arrive("cam", "4", std::string(501, 'd'), CrashOf("/bin/looping"));
  Arrive("cam", "5", std::string(502, 'e'), CrashOf("/bin/looping"));
  Arrive("cam", "6", std::string(9000, 'f'), CrashOf("/bin/once"));
  CHECK(Kept() == "kkkkkk");

  REQUIRE(store->MakeRoom("cam", {.device_bytes = 0, .all_bytes = 600}));
  CHECK(Kept() == "kk..kk");
  // Only dumps of their groups, but for the small one: it has more than one.
  REQUIRE(store->MakeRoom("cam", {.device_bytes = 0, .all_bytes = 1}));
  CHECK(Kept() == ".k..kk");
  // Now each is the only one of its group: the largest goes.
  REQUIRE(store->MakeRoom("cam", {.device_bytes = 0, .all_bytes = 1}));
  CHECK(Kept() == ".k..k.");
  CHECK(stats.dumps_removed[static_cast<std::size_t>(DumpRemoval::kQuota)] == 4);
}

TEST_CASE_FIXTURE(DumpFixture, "a device that is over its quota loses its own dumps") {
  Arrive("quiet", "1", std::string(900, 'a'), CrashOf("/bin/a"));
  Arrive("quiet", "2", std::string(901, 'b'), CrashOf("/bin/a"));
  Arrive("loud", "3", std::string(100, 'c'), CrashOf("/bin/a"));
  Arrive("loud", "4", std::string(101, 'd'), CrashOf("/bin/a"));
  REQUIRE(store->MakeRoom("loud", {.device_bytes = 50, .all_bytes = 0}));
  CHECK(Kept({.group = {}, .device = "loud"}) == ".k");
  CHECK(Kept({.group = {}, .device = "quiet"}) == "kk");
}

TEST_CASE_FIXTURE(DumpFixture, "nothing is removed for room that there cannot be") {
  Arrive("cam", "1", std::string(900, 'a'), CrashOf("/bin/a"));
  REQUIRE(store->MakeRoom("cam", {.device_bytes = 0, .all_bytes = 901}));
  REQUIRE(store->MakeRoom("other", {.device_bytes = 1, .all_bytes = 0}));
  CHECK(Kept() == "k");
}

TEST_CASE_FIXTURE(DumpFixture, "dumps without bytes, and groups without dumps, are bounded") {
  limits.dumps = 5;
  limits.groups = 3;
  Reopen();
  Arrive("cam", "kept", "bytes", CrashOf("/bin/kept"));
  for (int i = 0; i < 9; ++i) {
    Arrive("cam", std::to_string(i), "", CrashOf("/bin/" + std::to_string(i)));
  }
  scheduler.Advance(1h);
  CHECK(Kept() == "k....");
  CHECK(Dumps().front().dump.group == Groups().front().id);  // The oldest have gone.
  CHECK(Groups().size() == 5);                               // Those of known dumps stay.
  CHECK(store->Remove({Dumps()[0].dump.id, Dumps()[1].dump.id, Dumps()[2].dump.id}));
  scheduler.Advance(1h);
  CHECK(Groups().size() == 3);
}

}  // namespace
}  // namespace edgefeed
