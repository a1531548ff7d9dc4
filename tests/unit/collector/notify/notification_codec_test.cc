#include "collector/notify/notification_codec.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/unit/collector/notify/some_notification.h"

namespace edgefeed {
namespace {

Notification Full() {
  Notification full = SomeNotification(7'000'000'000, AlertChange::kDataBack);
  full.started = FromUnixMillis(0) - std::chrono::milliseconds(5);
  full.event.key.series.labels = {{"core", "1"}, {"device", std::string("a\0b", 3)}};
  full.event.kind = AlertKind::kOffline;
  full.event.severity = Severity::kCritical;
  full.event.value = -std::numeric_limits<double>::infinity();
  full.event.late = true;
  full.event.parent = "gateway-1";
  return full;
}

TEST_CASE("a notification survives its bytes") {
  for (const Notification& each : {Full(), Notification{}}) {
    const auto decoded = DecodeNotification(EncodeNotification(each));
    REQUIRE(decoded);
    CHECK(*decoded == each);
  }
}

TEST_CASE("damaged bytes are told from good ones, wherever the damage is") {
  const std::string good = EncodeNotification(Full());
  for (std::size_t i = 0; i < good.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(DecodeNotification(std::string_view(good).substr(0, i)));
    for (const unsigned flip : {1U, 0x80U, 0xffU}) {
      std::string bad = good;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ flip);
      const auto decoded = DecodeNotification(bad);
      REQUIRE_FALSE(decoded);
      CHECK(decoded.error().code == Code::kDataLoss);
    }
  }
  CHECK_FALSE(DecodeNotification(good + "x"));
}

}  // namespace
}  // namespace edgefeed
