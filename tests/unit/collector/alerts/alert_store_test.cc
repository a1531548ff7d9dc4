#include "collector/alerts/alert_store.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/alerts/book_fixture.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

struct StoreFixture : BookFixture {
  StoreFixture() { Open(); }
  void Open() {
    store.reset();
    auto opened = AlertStore::Open(file);
    REQUIRE(opened);
    store = std::move(*opened);
  }
  void Write() const {
    auto transaction = Transaction::Begin(store->database());
    REQUIRE(transaction);
    REQUIRE(store->SaveAlive(now));
    REQUIRE(store->SaveBook(*book));
    REQUIRE(transaction->Commit());
    book->MarkSaved();
  }
  std::vector<std::string> LogOf(const AlertLogFilter& filter, std::size_t page_size) const {
    std::vector<std::string> devices;
    for (AlertLogCursor cursor;;) {
      const auto page = store->Log(filter, cursor, page_size);
      REQUIRE(page);
      if (page->entries.empty()) return devices;
      for (const auto& entry : page->entries) devices.push_back(entry.event.key.device);
      cursor = page->last;
    }
  }

  TempDir directory;
  fs::path file = directory.path() / "alerts.db";
  std::unique_ptr<AlertStore> store;
};

TEST_CASE_FIXTURE(StoreFixture, "what was written down is found again") {
  CHECK_FALSE(store->found().alive);
  AlertEvent event = EventOf("a", AlertChange::kFired, Severity::kCritical);
  event.key.series.labels = {{"zone", "cpu"}};
  event.device_labels = {{"site", "lab"}};
  event.value = -1.5;
  event.threshold = 90;
  event.time = now;
  book->Apply(event, now);
  Silence silence = SilenceOf("b");
  silence.expires = now + 1h;
  silence.window = "22:00-06:00";
  REQUIRE(book->AddSilence(silence, now));
  REQUIRE(book->Acknowledge({.id = {}, .device = "a", .rule = "HOT"},
                            {.author = "bob", .comment = "on it", .at = {}, .expires = now + 1h},
                            now));
  Write();
  REQUIRE(store->SaveStates({{"a", "bytes"}, {"b", std::string("\0x", 2)}}));
  REQUIRE(store->SaveStates({{"a", ""}}));

  Open();
  CHECK(store->found().alive == now);
  REQUIRE(store->found().states.size() == 1);
  CHECK(store->found().states[0].bytes == std::string("\0x", 2));
  REQUIRE(store->found().alerts.size() == 1);
  const BookedAlert& alert = store->found().alerts[0];
  CHECK(alert.event == event);
  CHECK(alert.told.firing);
  CHECK(alert.started == now);
  CHECK(alert.acknowledged->comment == "on it");
  CHECK(alert.acknowledged->expires == now + 1h);
  CHECK(alert.changes.size() == 1);
  REQUIRE(store->found().silences.size() == 1);
  CHECK(store->found().silences[0].window == "22:00-06:00");
  CHECK(store->found().silences[0].matchers == silence.matchers);
  CHECK(store->found().next_notification == 2);
  CHECK(store->found().next_silence == 2);
}

TEST_CASE_FIXTURE(StoreFixture, "what is gone from the book goes from the file") {
  Fire("a");
  book->Apply(EventOf("a", AlertChange::kResolved), now);
  Write();
  book->Tick(now + 1h);
  Write();
  Open();
  CHECK(store->found().alerts.empty());
}

TEST_CASE_FIXTURE(StoreFixture, "the log is read newest first, page by page, by device and rule") {
  for (int i = 0; i < 10; ++i) {
    // Twice at each time.
    for (const auto* device : {"a", "b"}) {
      book->Apply(EventOf(device, i % 2 == 0 ? AlertChange::kFired : AlertChange::kResolved), now);
    }
    Write();
    now += 1s;
  }
  const WallTime begin = now - 10s;
  CHECK(LogOf({.from = begin, .to = now, .device = {}, .rule = {}}, 3).size() == 20);
  CHECK(LogOf({.from = begin, .to = now, .device = "a", .rule = {}}, 4) == Lines(10, "a"));
  CHECK(LogOf({.from = begin + 3s, .to = begin + 5s, .device = {}, .rule = "HOT"}, 1) ==
        Lines{"b", "a", "b", "a"});
  CHECK(LogOf({.from = begin, .to = now, .device = {}, .rule = "COLD"}, 5).empty());
}

TEST_CASE_FIXTURE(StoreFixture, "the log forgets what is too old") {
  Fire("a");
  book->Apply(EventOf("b", AlertChange::kFired), now);
  Write();
  REQUIRE(store->TrimLog(now + AlertStore::kLoggedFor));
  const AlertLogFilter all{.from = {}, .to = now + 1s, .device = {}, .rule = {}};
  CHECK(LogOf(all, 5) == Lines{"b"});
  REQUIRE(store->TrimLog(now + AlertStore::kLoggedFor + 1ms));
  CHECK(LogOf(all, 5).empty());
}

TEST_CASE_FIXTURE(StoreFixture, "a damaged file is set aside, and the store begins anew") {
  const LogCapture log_lines;
  Fire("a");
  Write();
  const auto damage = [&](const char* what) {
    store.reset();
    std::ofstream(file, std::ios::binary) << what;
    Open();
    CHECK(store->found().alerts.empty());
  };
  damage("this is no database, and long enough to be seen as none by anybody who looks at it");
  CHECK(fs::exists(file.string() + ".damaged-1"));
  damage("nor is this, whatever it may say and however often it says so, over and over again");
  CHECK(fs::exists(file.string() + ".damaged-2"));

  REQUIRE(store->database().Run("INSERT INTO alert VALUES('x', x'ff')"));
  Open();
  CHECK(fs::exists(file.string() + ".damaged-3"));
  CHECK(store->found().alerts.empty());
}

TEST_CASE_FIXTURE(StoreFixture,
                  "bytes that are cut off, or too many, are no alert and no silence") {
  AlertEvent event = EventOf("a", AlertChange::kFired);
  event.key.series.labels = {{"zone", "cpu"}};
  Apply(event);
  Acknowledge("a");
  const std::string alert = EncodeAlert(book->alerts().begin()->second);
  const std::string silence = EncodeSilence(SilenceOf("a"));
  REQUIRE(DecodeAlert(alert));
  for (std::size_t size = 0; size < alert.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(DecodeAlert(alert.substr(0, size)));
  }
  for (std::size_t size = 0; size < silence.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(DecodeSilence(silence.substr(0, size)));
  }
  CHECK(DecodeAlert(alert + "x").error().code == Code::kDataLoss);
  // A text that says it is longer than all there is.
  CHECK_FALSE(DecodeEvent("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
}

TEST_CASE_FIXTURE(StoreFixture, "a file of a later version is refused and left alone") {
  REQUIRE(store->database().Run("PRAGMA user_version = 2"));
  store.reset();
  const auto opened = AlertStore::Open(file);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::kFailedPrecondition);
}

}  // namespace
}  // namespace edgefeed
