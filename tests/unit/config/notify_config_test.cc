#include <doctest/doctest.h>

#include "collector/app/config.h"
#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

Result<CollectorConfig> Parse(const std::string& text) {
  return ParseCollectorConfig(text, "/etc/c.yaml", FakeEnvironment({}));
}

ReceiverConfig OneReceiver(const std::string& keys) {
  const auto config = Parse("notify: {receivers: [{name: r, " + keys + "}]}");
  REQUIRE_MESSAGE(config, config.error().message);
  REQUIRE(config->notify.receivers.size() == 1);
  return config->notify.receivers[0];
}

// All that is wrong.
std::string Wrong(const std::string& receivers) {
  const auto config = Parse("notify:\n  receivers: [" + receivers + "]");
  REQUIRE_FALSE(config);
  return config.error().message;
}

TEST_CASE("notify: nobody is told unless the file says so") {
  const auto config = Parse("");
  REQUIRE(config);
  CHECK(config->notify.receivers.empty());
}

TEST_CASE("notify: a webhook needs no more than a URL") {
  const ReceiverConfig receiver = OneReceiver("webhook: {url: 'https://h/x?y=1'}");
  CHECK(receiver.name == "r");
  CHECK(std::get<WebhookConfig>(receiver.kind) ==
        WebhookConfig{.url = "https://h/x?y=1", .secret_file = {}});
  CHECK(receiver.timeout == 10s);
  CHECK(receiver.match == NotificationMatch{});
  CHECK_FALSE(receiver.repeats);
}

TEST_CASE("notify: paths start where the file is, and conditions may be one word or several") {
  const ReceiverConfig receiver = OneReceiver(
      "webhook: {url: 'https://h', secret_file: s, timeout: 3s, tls: {ca: ca.pem}}, repeats: true, "
      "match: {severities: critical, rules: [A*, B], devices: 'x-?', labels: {b: 2, a: 1}, "
      "series_labels: {core: 0}}");
  CHECK(std::get<WebhookConfig>(receiver.kind).secret_file == "/etc/s");
  CHECK(receiver.tls.ca == "/etc/ca.pem");
  CHECK(receiver.timeout == 3s);
  CHECK(receiver.repeats);
  CHECK(receiver.match == NotificationMatch{.severities = {Severity::kCritical},
                                            .rules = {"A*", "B"},
                                            .devices = {"x-?"},
                                            .labels = {{"a", "1"}, {"b", "2"}},
                                            .series_labels = {{"core", "0"}}});
}

TEST_CASE("notify: an Alertmanager may be one of several") {
  const ReceiverConfig one = OneReceiver("alertmanager: {urls: 'http://localhost:9093'}");
  CHECK(std::get<AlertmanagerConfig>(one.kind).urls ==
        std::vector<std::string>{"http://localhost:9093"});
  const ReceiverConfig two =
      OneReceiver("alertmanager: {urls: ['http://[::1]:9093', 'https://b']}");
  CHECK(std::get<AlertmanagerConfig>(two.kind).urls.size() == 2);
}

TEST_CASE("notify: what is not encrypted stays on this host, unless the file says otherwise") {
  CHECK(Wrong("{name: r, webhook: {url: 'http://10.0.0.1/x'}}") ==
        "/etc/c.yaml:2:40: notify.receivers[0].webhook.url: 'http://10.0.0.1/x' is not encrypted, "
        "nor on this host: use https, or say allow_plaintext: true");
  // The host is what stands behind the user's name.
  CHECK(Wrong("{name: r, webhook: {url: 'http://localhost:1@evil/x'}}").find("encrypted") !=
        std::string::npos);
  static_cast<void>(OneReceiver("webhook: {url: 'http://10.0.0.1/x', allow_plaintext: true}"));
  static_cast<void>(OneReceiver("webhook: {url: 'http://127.0.0.1:80/x'}"));
}

TEST_CASE("notify: what cannot be is refused, with its place") {
  struct Case {
    std::string receivers;
    std::string problem;
  };
  const std::string hook = "webhook: {url: 'https://h'}";
  for (const auto& [receivers, problem] : std::vector<Case>{
           {"{" + hook + "}", ":2:15: notify.receivers[0].name: is required"},
           {"{name: 'a b', " + hook + "}", "name: 'a b' is not a name of up to 64"},
           {"{name: r}", "webhook: is required, or alertmanager"},
           {"{name: r, " + hook + ", alertmanager: {urls: 'https://h'}}",
            "alertmanager: there is a webhook already: make it two receivers"},
           {"{name: r, webhook: {}}", "webhook.url: is required"},
           {"{name: r, alertmanager: {urls: []}}", "alertmanager.urls: holds no URL"},
           {"{name: r, webhook: {url: 'ftp://h'}}", "url: 'ftp://h' is not a URL"},
           {"{name: r, webhook: {url: 'https://h /'}}", "is not a URL"},
           {"{name: r, webhook: {url: 'https:///x'}}", "is not a URL"},
           {"{name: r, webhook: {url: 'https://h', timeout: 2m}}",
            "timeout: '2m' is out of range, allowed are 1s to 1m"},
           {"{name: r, webhook: {url: 'https://h', tls: {cert: c}}}",
            "tls.cert: is of use only with both cert and key"},
           {"{name: r, " + hook + ", match: {severities: [bad]}}", "severities[0]: 'bad' is not"},
           {"{name: r, " + hook + ", match: {rules: ['a/b']}}", "rules[0]: 'a/b' is not up to 64"},
           {"{name: r, " + hook + ", match: {series_labels: {A: 1}}}", "series_labels"},
           {"{name: r, " + hook + "}, {name: r, " + hook + "}",
            "receivers[1].name: 'r' is the name of another receiver"},
           {"{name: r, webhok: {url: x}}", "did you mean webhook?"},
       }) {
    CAPTURE(receivers);
    const std::string message = Wrong(receivers);
    CHECK_MESSAGE(message.find(problem) != std::string::npos, message);
  }
}

TEST_CASE("notify: there are at most 16 addresses") {
  std::string urls;
  for (int i = 0; i < 16; ++i) urls += "'https://h" + std::to_string(i) + "', ";
  static_cast<void>(OneReceiver("alertmanager: {urls: [" + urls + "]}"));
  CHECK(Wrong("{name: a, alertmanager: {urls: [" + urls +
              "]}}, {name: b, webhook: {url: 'https://h'}}")
            .find("notify.receivers: 17 addresses are more than the 16 that there may be") !=
        std::string::npos);
}

}  // namespace
}  // namespace edgefeed
