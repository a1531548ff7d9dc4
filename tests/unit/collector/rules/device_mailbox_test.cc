#include "collector/rules/device_mailbox.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const Series kCpu{.metric = "cpu_usage", .labels = {}};

class MailboxFixture {
 public:
  void Fire(const std::string& rule) { Add(rule, false); }
  void Resolve(const std::string& rule) { Add(rule, true); }
  // "fired RULE" or "resolved RULE" of all that there is, as a new connection takes it.
  std::vector<std::string> ReadAll() {
    std::vector<std::string> all;
    last = 0;
    while (const Alert* const next = mailbox.Next(last, now, limits, stats)) {
      CHECK(next->number > last);
      last = next->number;
      all.push_back((next->resolved ? "resolved " : "fired ") + next->rule);
    }
    return all;
  }

  WallTime now = FromUnixMillis(1'700'000'000'000);
  DeviceMailbox::Limits limits{.alerts = 3, .time_to_live = 1h};
  CollectorStats stats;
  DeviceMailbox mailbox;
  std::uint64_t last = 0;

 private:
  void Add(const std::string& rule, bool resolved) {
    mailbox.Add({.rule = rule, .resolved = resolved}, kCpu, now, limits, stats);
  }
};

using Lines = std::vector<std::string>;

TEST_CASE_FIXTURE(MailboxFixture, "what is not acknowledged comes again, under the same number") {
  Fire("A");
  Fire("B");
  CHECK(ReadAll() == Lines{"fired A", "fired B"});
  const std::uint64_t newest = last;
  CHECK(stats.alerts_resent == 0);
  CHECK(ReadAll() == Lines{"fired A", "fired B"});
  CHECK(last == newest);
  CHECK(stats.alerts_resent == 2);
  CHECK(mailbox.Acknowledge(newest));
  CHECK_FALSE(mailbox.Acknowledge(newest));
  CHECK(ReadAll().empty());
}

TEST_CASE_FIXTURE(MailboxFixture, "what fired and resolved while nobody was there is no news") {
  Fire("A");
  Fire("B");
  Resolve("A");
  CHECK(ReadAll() == Lines{"fired B"});
}

TEST_CASE_FIXTURE(MailboxFixture, "who was told that it fires is told that it does not") {
  Fire("A");
  CHECK(ReadAll() == Lines{"fired A"});
  SUBCASE("after it said so") { mailbox.Acknowledge(last); }
  SUBCASE("and instead, if that was lost") {}
  Resolve("A");
  CHECK(ReadAll() == Lines{"resolved A"});
  mailbox.Acknowledge(last);
  Resolve("A");
  CHECK(mailbox.empty());
}

TEST_CASE_FIXTURE(MailboxFixture,
                  "a reminder takes the place of what was sent, not of what waits") {
  Fire("A");
  Fire("A");
  CHECK(ReadAll() == Lines{"fired A", "fired A"});
  Fire("A");
  CHECK(ReadAll() == Lines{"fired A"});
}

TEST_CASE_FIXTURE(MailboxFixture, "an alert too many costs the oldest one, and is counted") {
  for (const char* const rule : {"A", "B", "C", "D"}) Fire(rule);
  CHECK(ReadAll() == Lines{"fired B", "fired C", "fired D"});
  CHECK(stats.alerts_dropped == 1);
}

TEST_CASE_FIXTURE(MailboxFixture, "an alert that nobody took for an hour is gone, and counted") {
  Fire("A");
  now += 30min;
  Fire("B");
  now += 30min + 1ms;
  CHECK(ReadAll() == Lines{"fired B"});
  CHECK(stats.alerts_expired == 1);
}

TEST_CASE_FIXTURE(MailboxFixture, "who may have been told before a kill is told the end") {
  Fire("A");
  DeviceMailbox next;
  next.Restore(mailbox.memory());
  mailbox = next;
  Resolve("A");
  CHECK(ReadAll() == Lines{"resolved A"});
}

TEST_CASE_FIXTURE(MailboxFixture, "numbers grow, though the clock is set back") {
  Fire("A");
  now -= 1h;
  Fire("B");
  ReadAll();
  CHECK(last == 1'700'000'000'001);
}

TEST_CASE_FIXTURE(MailboxFixture, "series of a rule are told apart") {
  Fire("A");
  ReadAll();
  mailbox.Add({.rule = "A", .resolved = true}, {.metric = "other", .labels = {}}, now, limits,
              stats);
  CHECK(ReadAll() == Lines{"fired A"});
}

}  // namespace
}  // namespace edgefeed
