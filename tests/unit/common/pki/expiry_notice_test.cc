#include "common/pki/expiry_notice.h"

#include <doctest/doctest.h>

#include <string>

namespace edgefeed {
namespace {

using std::chrono::days;
using std::chrono::hours;
using Due = ExpiryNotice::Due;

const WallTime kEnd = FromUnixMillis(1'800'000'000'000);

TEST_CASE("a certificate's end is told of four times, each once") {
  ExpiryNotice notice;
  std::string told;
  for (WallTime now = kEnd - days(40); now < kEnd + days(3); now += hours(1)) {
    const Due due = notice.Look(now, kEnd);
    if (due == Due::kNothing) continue;
    const auto left = std::chrono::duration_cast<hours>(kEnd - now);
    told += (due == Due::kExpired ? "ended " : "soon ") + std::to_string(left.count()) + ";";
  }
  CHECK(told == "soon 720;soon 168;soon 24;ended 0;");
}

TEST_CASE("who looks late is told once, of what is now") {
  ExpiryNotice notice;
  CHECK(notice.Look(kEnd - hours(5), kEnd) == Due::kSoon);
  CHECK(notice.Look(kEnd - hours(4), kEnd) == Due::kNothing);
  CHECK(notice.Look(kEnd + days(9), kEnd) == Due::kExpired);
  CHECK(notice.Look(kEnd + days(10), kEnd) == Due::kNothing);
}

TEST_CASE("another certificate begins anew") {
  ExpiryNotice notice;
  CHECK(notice.Look(kEnd - hours(5), kEnd) == Due::kSoon);
  CHECK(notice.Look(kEnd - hours(5), kEnd + days(90)) == Due::kNothing);
  CHECK(notice.Look(kEnd + days(60), kEnd + days(90)) == Due::kSoon);
}

TEST_CASE("a clock that was set back tells nothing twice") {
  ExpiryNotice notice;
  CHECK(notice.Look(kEnd - hours(5), kEnd) == Due::kSoon);
  CHECK(notice.Look(kEnd - days(100), kEnd) == Due::kNothing);
  CHECK(notice.Look(kEnd - hours(5), kEnd) == Due::kNothing);
}

}  // namespace
}  // namespace edgefeed
