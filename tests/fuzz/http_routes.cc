// collector/http: a request for any path, from any host. Lines: path, host, if-none-match.
#include "collector/http/device_json.h"
#include "collector/http/router.h"
#include "tests/fuzz/input.h"
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

void Run(FuzzInput input) {
  ManualScheduler scheduler;
  OneDevice fleet;
  NoAlerts alerts;
  const CollectorStats stats;
  const Readiness readiness;
  HttpRequest request;
  request.path = input.Line();
  request.host = input.Line();
  request.if_none_match = input.Line();
  fleet.device.name = input.rest();  // As a device may say of itself.
  for (const HostPolicy hosts : {HostPolicy::kAny, HostPolicy::kLoopbackOnly}) {
    const auto router = std::make_shared<Router>(
        scheduler, HttpServerConfig{}, HttpSources{fleet, alerts, stats, readiness, "0"}, hosts);
    int replies = 0;
    router->Handle(request, [&](const HttpResponse& response) {
      ++replies;
      Promise(response.status >= 200 && response.status < 600, "an answer has a status");
      Promise(response.etag.find('\n') == std::string::npos, "a header is one line");
    });
    scheduler.RunUntilIdle();
    Promise(replies == 1, "a request has one answer");
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run({data, size});
  return 0;
}
