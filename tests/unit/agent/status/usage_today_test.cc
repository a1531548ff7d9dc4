#include "agent/status/usage_today.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kMidnight = std::chrono::sys_days(std::chrono::days(20'000));

Usage Bytes(std::uint64_t sent) { return {sent, sent / 2, sent / 4}; }

TEST_CASE("on its first day all since the start counts") {
  UsageToday today;
  const WallTime started = kMidnight + 9h;
  today.Observe(Bytes(100), started + 1s, started);
  today.Observe(Bytes(400), started + 2h, started);
  CHECK(today.used().sent_bytes == 400);
  CHECK(today.used().received_bytes == 200);
  CHECK(today.used().disk_written_bytes == 100);
  CHECK(today.since() == started);
}

TEST_CASE("at midnight it begins anew, with what was observed before it") {
  UsageToday today;
  const WallTime started = kMidnight - 9h;
  today.Observe(Bytes(400), kMidnight - 1s, started);
  CHECK(today.since() == started);
  today.Observe(Bytes(500), kMidnight, started);
  CHECK(today.used().sent_bytes == 100);
  CHECK(today.since() == kMidnight);
  today.Observe(Bytes(700), kMidnight + 23h, started);
  CHECK(today.used().sent_bytes == 300);
  today.Observe(Bytes(701), kMidnight + 3 * 24h + 5h, started);  // Nothing for days.
  CHECK(today.used().sent_bytes == 1);
  CHECK(today.since() == kMidnight + 3 * 24h);
}

TEST_CASE("a clock that is put right does not end the day of the start") {
  UsageToday today;
  today.Observe(Bytes(400), FromUnixMillis(20'000), FromUnixMillis(10'000));
  today.Observe(Bytes(500), kMidnight + 1h, kMidnight + 1h - 15s);
  CHECK(today.used().sent_bytes == 500);
  CHECK(today.since() == kMidnight + 1h - 15s);
}

}  // namespace
}  // namespace edgefeed
