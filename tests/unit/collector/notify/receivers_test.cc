#include <doctest/doctest.h>

#include <filesystem>
#include <limits>

#include "collector/notify/alert_words.h"
#include "collector/notify/alertmanager_receiver.h"
#include "collector/notify/signature.h"
#include "collector/notify/webhook_receiver.h"
#include "common/digest/alert_id.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/notify/some_notification.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

const WallTime kNow = FromUnixMillis(1'700'000'060'000);

std::string HeaderOf(const HttpClient::Request& request, std::string_view name) {
  for (const HttpHeader& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return "(none)";
}

ReceiverConfig Webhook(const fs::path& secret_file = {}) {
  ReceiverConfig config;
  config.name = "ops";
  config.kind = WebhookConfig{.url = "https://ops.example/hook", .secret_file = secret_file};
  return config;
}

fs::path SecretFile(const TempDir& dir, std::string_view text) {
  const fs::path file = dir.Write("secret", text);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  return file;
}

TEST_CASE("the body of a webhook says all of it, as docs/NOTIFICATIONS.md does") {
  Notification notification = SomeNotification(41, AlertChange::kEscalated);
  notification.event.key.series.labels = {{"core", "1"}};
  CHECK(WebhookBody(notification, "hub") ==
        R"({"version":1,"number":41,"status":"firing","change":"escalated","kind":"threshold",)"
        R"("device":"edge-7","rule":"CPU_HIGH","severity":"warning",)"
        R"("message":"edge-7: cpu_usage is 97.5, above 90","value":97.5,"threshold":90,)"
        R"("metric":"cpu_usage","series_labels":{"core":"1"},"device_labels":{"site":"lab"},)"
        R"("parent":"","started":"2023-11-14T22:13:20.000Z","started_ms":1700000000000,)"
        R"("time":"2023-11-14T22:13:20.250Z","time_ms":1700000000250,"late":false,)"
        R"("fingerprint":")" +
            AlertId(notification.event.key) + R"(","collector":"hub"})");
}

TEST_CASE("an end is resolved, and a number that JSON has not is null") {
  Notification notification = SomeNotification(42, AlertChange::kResolved);
  notification.event.value = std::numeric_limits<double>::quiet_NaN();
  const std::string body = WebhookBody(notification, "hub");
  CHECK(body.find(R"("status":"resolved","change":"resolved")") != std::string::npos);
  CHECK(body.find(R"("value":null,)") != std::string::npos);
}

TEST_CASE("a fingerprint is the alert's, whatever becomes of it, and no other's") {
  const AlertKey key = SomeNotification(1, AlertChange::kFired).event.key;
  const std::string fingerprint = AlertId(key);
  CHECK(fingerprint.size() == 16);
  AlertKey other = key;
  other.series.labels = {{"a", "b"}};
  CHECK(AlertId(other) != fingerprint);
  AlertKey shifted = key;
  shifted.device = "edge-7C";
  shifted.rule = "PU_HIGH";
  CHECK(AlertId(shifted) != fingerprint);
}

TEST_CASE("a webhook is signed with the secret that the file holds at that time") {
  const TempDir dir;
  const fs::path file = SecretFile(dir, "first secret\n");
  WebhookReceiver receiver(Webhook(file), "hub", "edgefeed-collector/1");
  const Parcel parcel{.notification = SomeNotification(5, AlertChange::kFired), .before = {}};

  const auto request = receiver.Tell(parcel, kNow);

  REQUIRE(request);
  CHECK(request->url == "https://ops.example/hook");
  CHECK(HeaderOf(*request, "User-Agent") == "edgefeed-collector/1");
  CHECK(HeaderOf(*request, "Idempotency-Key") == AlertId(parcel.notification.event.key) + "/5");
  CHECK(HeaderOf(*request, "X-Edgefeed-Signature") ==
        WebhookSignature("first secret", 1'700'000'060, request->body));

  static_cast<void>(SecretFile(dir, "another"));
  const auto next = receiver.Tell(parcel, kNow);
  REQUIRE(next);
  CHECK(HeaderOf(*next, "X-Edgefeed-Signature") ==
        WebhookSignature("another", 1'700'000'060, next->body));

  fs::remove(file);
  CHECK_FALSE(receiver.Tell(parcel, kNow));
}

TEST_CASE("a webhook without a secret is not signed") {
  WebhookReceiver receiver(Webhook(), "hub", "edgefeed-collector/1");
  const auto request =
      receiver.Tell({.notification = SomeNotification(5, AlertChange::kFired), .before = {}}, kNow);
  REQUIRE(request);
  CHECK(HeaderOf(*request, "X-Edgefeed-Signature") == "(none)");
}

TEST_CASE("the signature is HMAC-SHA256 over time and body") {
  // printf '1700000060.{"a":1}' | openssl dgst -sha256 -hmac key
  CHECK(WebhookSignature("key", 1'700'000'060, R"({"a":1})") ==
        "t=1700000060,v1=27ef4d2d33c4f16ed0ecc386d0697fedddafbf3c4881a51133bb04c522929f29");
}

TEST_CASE("a secret that others may read, or that is none, is not used") {
  const TempDir dir;
  const fs::path file = SecretFile(dir, "hush");
  CHECK(ReadSecret(file));
  fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
  const auto open = ReadSecret(file);
  REQUIRE_FALSE(open);
  CHECK(open.error().code == Code::kPermissionDenied);
  CHECK(open.error().message.find("hush") == std::string::npos);
  const auto empty = ReadSecret(SecretFile(dir, " \n"));
  CHECK_FALSE(empty);
  CHECK_FALSE(ReadSecret(dir.path() / "none"));
}

std::string Labels(std::string_view severity) {
  return R"("labels":{"alertname":"CPU_HIGH","device":"edge-7","device_site":"lab",)"
         R"("metric":"cpu_usage","series_a_b":"1","severity":")" +
         std::string(severity) + R"("})";
}

Notification ForAlertmanager(AlertChange change) {
  Notification notification = SomeNotification(5, change);
  notification.event.key.series.labels = {{"a.b", "1"}};
  return notification;
}

TEST_CASE("an Alertmanager believes an alert for four minutes") {
  const std::string body =
      AlertmanagerBody({.notification = ForAlertmanager(AlertChange::kFired), .before = {}}, kNow);
  CHECK(body == "[{" + Labels("warning") +
                    R"(,"annotations":{"summary":"CPU_HIGH on edge-7",)"
                    R"("description":"edge-7: cpu_usage is 97.5, above 90","fingerprint":")" +
                    AlertId(ForAlertmanager(AlertChange::kFired).event.key) +
                    R"(","late":"false"},"startsAt":"2023-11-14T22:13:20.000Z",)"
                    R"("endsAt":"2023-11-14T22:18:20.000Z"}])");
}

TEST_CASE("an alert that is over ends in Alertmanager when it did") {
  const std::string body = AlertmanagerBody(
      {.notification = ForAlertmanager(AlertChange::kResolved), .before = {}}, kNow);
  CHECK(
      body.find(R"("startsAt":"2023-11-14T22:13:20.000Z","endsAt":"2023-11-14T22:13:20.250Z"})") !=
      std::string::npos);
}

TEST_CASE("an alert of a clock that is ahead neither ends before it starts nor goes on") {
  Notification ahead = ForAlertmanager(AlertChange::kResolved);
  ahead.started = kNow + std::chrono::hours(2);
  ahead.event.time = kNow + std::chrono::hours(3);
  CHECK(
      AlertmanagerBody({.notification = ahead, .before = {}}, kNow)
          .find(R"("startsAt":"2023-11-14T22:14:20.000Z","endsAt":"2023-11-14T22:14:20.000Z"})") !=
      std::string::npos);
  ahead.event.change = AlertChange::kFired;
  CHECK(
      AlertmanagerBody({.notification = ahead, .before = {}}, kNow)
          .find(R"("startsAt":"2023-11-15T00:14:20.000Z","endsAt":"2023-11-15T00:18:20.000Z"})") !=
      std::string::npos);
}

TEST_CASE("an alert that changes its labels ends under the old ones") {
  const Parcel escalated{
      .notification = WithSeverity(ForAlertmanager(AlertChange::kEscalated), Severity::kCritical),
      .before = ForAlertmanager(AlertChange::kFired)};
  const std::string body = AlertmanagerBody(escalated, kNow);
  const auto old = body.find(Labels("warning"));
  const auto end = body.find(R"("endsAt":"2023-11-14T22:13:20.250Z"})");
  const auto fresh = body.find(Labels("critical"));
  REQUIRE(fresh != std::string::npos);
  CHECK(old < end);
  CHECK(end < fresh);

  Parcel resolved = escalated;
  resolved.notification.event.change = AlertChange::kResolved;
  CHECK(AlertmanagerBody(resolved, kNow).find(Labels("critical")) == std::string::npos);
  CHECK(AlertmanagerBody(resolved, kNow).find(Labels("warning")) != std::string::npos);
}

TEST_CASE("Alertmanagers are told at /api/v2/alerts, and reminded of all in one request") {
  ReceiverConfig config;
  for (const std::string url : {"http://127.0.0.1:9093", "http://127.0.0.1:9093/"}) {
    AlertmanagerReceiver receiver(config, url, "edgefeed-collector/1");
    const std::vector<Notification> firing = {SomeNotification(1, AlertChange::kFired, "a"),
                                              SomeNotification(2, AlertChange::kFired, "b")};
    const auto request = receiver.Remind(firing, kNow);
    CHECK(request.url == "http://127.0.0.1:9093/api/v2/alerts");
    CHECK(request.body.find(R"("device":"a")") < request.body.find(R"("device":"b")"));
    CHECK(request.body.find(R"("endsAt":"2023-11-14T22:18:20.000Z"},{)") != std::string::npos);
  }
}

}  // namespace
}  // namespace edgefeed
