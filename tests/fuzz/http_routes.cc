// collector/http: a request for any path, from any host, by anybody. Lines: path, host,
// if-none-match, authorization.
#include "collector/http/device_json.h"
#include "collector/http/router.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/silent_log.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

class NoAlerts final : public AlertReader {
 public:
  void ListFiring(std::size_t, std::function<void(FiringAlerts)> answer) override { answer({}); }
};

// One device, of whatever name one asks for.
class OneDevice final : public FleetReader {
 public:
  void Get(const std::string& name, Detail,
           std::function<void(Result<DeviceSnapshot>)> answer) override {
    Promise(CheckDeviceName(name).ok(), "only devices are asked for");
    device.name = name;
    answer(device);
  }
  void List(Detail, std::function<void(std::vector<DeviceSnapshot>)> answer) override {
    answer({device});
  }
  DeviceSnapshot device;
};

// Nobody reads whom it refuses.
Access MakeAccess(Scheduler& scheduler, const Clock& clock, CollectorStats& stats) {
  return {{.strand = scheduler, .clock = clock, .stats = stats}, {{}, {}, {}}, {}, "/dev/null"};
}

// Answers once; the status.
unsigned Ask(ManualScheduler& scheduler, Router& router, const HttpRequest& request) {
  int replies = 0;
  unsigned status = 0;
  router.Handle(request, [&](const HttpResponse& response) {
    ++replies;
    status = response.status;
    Promise(status >= 200 && status < 600, "an answer has a status");
    Promise(response.etag.find('\n') == std::string::npos, "a header is one line");
  });
  scheduler.RunUntilIdle();
  Promise(replies == 1, "a request has one answer");
  return status;
}

void Run(FuzzInput input) {
  ManualScheduler scheduler;
  OneDevice fleet;
  NoAlerts alerts;
  CollectorStats stats;
  const Readiness readiness;
  HttpRequest request;
  request.path = input.Line();
  request.host = input.Line();
  request.if_none_match = input.Line();
  request.authorization = input.Line();
  fleet.device.name = input.rest();  // As a device may say of itself.
  Access access = MakeAccess(scheduler, scheduler.clock(), stats);
  const auto answer = [&](const HttpServerConfig& config, HostPolicy hosts) {
    const auto router = std::make_shared<Router>(
        scheduler, config, HttpSources{fleet, alerts, stats, readiness, access, "0"}, hosts);
    return Ask(scheduler, *router, request);
  };
  for (const HostPolicy hosts : {HostPolicy::kAny, HostPolicy::kLoopbackOnly}) {
    Promise(answer({}, hosts) != 401, "where nobody is asked, nobody is refused");
  }
  const bool is_health = request.path == "/healthz" || request.path == "/readyz";
  const PortPolicy nobody_has_tokens{.port = Port::kOperators, .tokens = true};
  Promise((answer({.callers = nobody_has_tokens}, HostPolicy::kAny) == 401) == !is_health,
          "who has no token sees health only");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool silent = edgefeed::SilenceLog();
  static_cast<void>(silent);
  edgefeed::Run({data, size});
  return 0;
}
