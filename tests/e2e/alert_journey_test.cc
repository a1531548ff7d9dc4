// An alert from a device that dies to the people who are told: agent, collector, webhook and the
// real Alertmanager, while the webhook is down and the collector is killed.

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"
#include "tests/support/web_server.h"

namespace edgefeed::e2e {
namespace {

// Takes notifications, once it is up.
class Hook {
 public:
  void SetUp(bool up) {
    const std::lock_guard lock(mutex_);
    status_ = up ? 200 : 503;
  }
  [[nodiscard]] std::size_t tries() const {
    const std::lock_guard lock(mutex_);
    return tries_;
  }
  // Those whose bodies hold all of these.
  [[nodiscard]] std::vector<ReceivedRequest> With(const std::vector<std::string>& texts) const {
    const std::lock_guard lock(mutex_);
    std::vector<ReceivedRequest> found;
    std::ranges::copy_if(taken_, std::back_inserter(found), [&](const ReceivedRequest& request) {
      return std::ranges::all_of(texts, [&](const std::string& text) {
        return request.body.find(text) != std::string::npos;
      });
    });
    return found;
  }
  // Different notifications.
  [[nodiscard]] std::set<std::string> Keys() const {
    const std::lock_guard lock(mutex_);
    std::set<std::string> keys;
    for (const ReceivedRequest& request : taken_) {
      keys.insert(request.headers.at("idempotency-key"));
    }
    return keys;
  }
  [[nodiscard]] std::string url() const { return server_.url(); }

 private:
  ServedReply Serve(const ReceivedRequest& request) {
    const std::lock_guard lock(mutex_);
    ++tries_;
    if (status_ == 200) taken_.push_back(request);
    // One client may have several connections, which take turns here.
    return {.status = status_, .headers = {{"Connection", "close"}}, .body = {}};
  }

  mutable std::mutex mutex_;
  unsigned status_ = 200;
  std::size_t tries_ = 0;
  std::vector<ReceivedRequest> taken_;
  WebServer server_{[this](const ReceivedRequest& request) { return Serve(request); }};
};

// The real one, which tells a hook of its own.
class Alertmanager {
 public:
  Alertmanager() {
    const auto config = dir_.Write(
        "alertmanager.yml",
        "route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s}\n"
        "receivers:\n- name: hook\n  webhook_configs: [{url: '" +
            told.url() + "/', send_resolved: true}]\n");
    program_ = std::make_unique<Program>(
        ProgramSpec{.program = "/usr/bin/prometheus-alertmanager",
                    .arguments = {"--config.file=" + config.string(),
                                  "--storage.path=" + (dir_.path() / "data").string(),
                                  "--web.listen-address=127.0.0.1:" + std::to_string(port_),
                                  "--cluster.listen-address="}});
    REQUIRE(program_->WaitForLine("Listening on", kPatience));
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  Hook told;

 private:
  std::uint16_t port_ = FreePort();
  TempDir dir_;
  std::unique_ptr<Program> program_;
};

TEST_CASE("a device dies, and everybody is told once, though the collector dies too") {
  Hook ops;
  ops.SetUp(false);
  Alertmanager alertmanager;
  RunningCollector collector(
      "rules: [{name: OFFLINE, offline: {after: 2s}, severity: critical, repeat_interval: 1h}]\n"
      "notify:\n"
      "  receivers:\n"
      "    - {name: ops, webhook: {url: '" +
      ops.url() +
      "/'}, match: {severities: [critical]}}\n"
      "    - {name: am, alertmanager: {urls: ['" +
      alertmanager.url() + "']}}\n");
  RunningAgent agent({.name = "cam-1", .collector = collector.address()});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  REQUIRE(
      Await([&] { return collector.DeviceMetric("edgefeed_device_payloads_total", "cam-1") > 0; }));
  agent.program().Kill();

  REQUIRE(Await([&] { return ops.tries() > 0; }));
  const std::vector<std::string> firing = {R"("status":"firing")", "OFFLINE", "cam-1"};
  CHECK(Await([&] { return !alertmanager.told.With(firing).empty(); }));
  collector.program().Kill();
  ops.SetUp(true);
  collector.Start();
  REQUIRE(Await([&] { return !ops.With(firing).empty(); }));

  // What the webhook calls the alert, an operator can name.
  const std::string body = ops.With(firing).front().body;
  const std::string key = R"("fingerprint":")";
  const std::string id = body.substr(body.find(key) + key.size(), 16);
  const auto ack = Run("edgefeedctl", {"--collector", collector.address(), "ack", id});
  CHECK(ack->Wait(kPatience) == 0);
  CHECK(ack->Output(Stream::kStdout) == "cam-1: OFFLINE acknowledged\n");

  agent.Start();
  const std::vector<std::string> resolved = {R"("status":"resolved")", "OFFLINE", "cam-1"};
  CHECK(Await([&] { return !ops.With(resolved).empty(); }));
  CHECK(Await([&] { return !alertmanager.told.With(resolved).empty(); }));
  CHECK(ops.Keys().size() == 2);  // It began, and it ended.
}

}  // namespace
}  // namespace edgefeed::e2e
