#include "collector/http/router.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "collector/http/assets.h"
#include "collector/http/credentials.h"
#include "collector/http/device_json.h"
#include "collector/http/metrics_page.h"
#include "common/base/endpoint.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kApiPrefix = "/api/";
constexpr std::string_view kDevicePrefix = "/api/v1/devices/";

HttpResponse Text(unsigned status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

HttpResponse Json(std::string body) { return {.content_type = kJson, .body = std::move(body)}; }

HttpResponse JsonError(unsigned status, const Error& error) {
  return {.status = status, .content_type = kJson, .body = ErrorJson(error)};
}

HttpResponse RefusalOf(std::string_view path, unsigned status, const Error& error) {
  if (path.starts_with(kApiPrefix)) return JsonError(status, error);
  return Text(status, error.message + '\n');
}

HttpResponse PageFile(const EmbeddedFile& file, std::string_view if_none_match) {
  HttpResponse response{.content_type = ContentTypeOf(file.name),
                        .cache_control = "no-cache",
                        .etag = '"' + std::string(file.hash) + '"'};
  if (if_none_match.find(response.etag) != std::string_view::npos) {
    response.status = 304;
  } else {
    response.body = file.content;
  }
  return response;
}

std::optional<char> FromHex(std::string_view two_digits) {
  unsigned value = 0;
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): from_chars is told the end.
  const char* const begin = two_digits.data();
  const char* const end = begin + two_digits.size();
  const auto [stop, error] = std::from_chars(begin, end, value, 16);
  if (two_digits.size() != 2 || error != std::errc() || stop != end) return std::nullopt;
  return static_cast<char>(value);
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = FromHex(text.substr(i + 1, 2));
    if (!byte) return std::nullopt;
    decoded += *byte;
    i += 2;
  }
  return decoded;
}

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// "localhost:8080", "127.0.0.1", "[::1]:8080".
bool IsLoopbackHost(std::string host) {
  std::ranges::transform(host, host.begin(), ToLower);
  auto endpoint = ParseEndpoint(host);
  if (!endpoint) endpoint = ParseEndpoint(host + ":80");
  return endpoint && IsLoopback(*endpoint);
}

// Whatever has no name of its own is the page's: nobody learns outside of the door what is behind.
Method MethodOf(std::string_view path) {
  if (path == "/metrics") return Method::kHttpMetrics;
  if (path == "/api/v1/devices") return Method::kHttpDevices;
  if (path == "/api/v1/stream") return Method::kHttpStream;
  if (path.starts_with(kDevicePrefix)) return Method::kHttpDevice;
  return Method::kHttpPage;
}

HttpResponse Page(const HttpRequest& request) {
  if (const auto* file = FindPageFile(request.path)) return PageFile(*file, request.if_none_match);
  return RefusalOf(request.path, 404, Error{Code::kNotFound, "not found"});
}

}  // namespace

Router::Router(Scheduler& scheduler, const HttpServerConfig& config, HttpSources sources,
               HostPolicy hosts)
    : scheduler_(scheduler),
      config_(config),
      sources_(std::move(sources)),
      hosts_(hosts),
      stream_(std::make_shared<FleetStream>(
          scheduler, sources_.fleet,
          FleetStream::Config{config.stream_interval, config.stream_ping_after})) {}

void Router::Handle(const HttpRequest& request, HttpReply reply) {
  ++stats_.requests;
  const std::string_view path = request.path;
  if (hosts_ == HostPolicy::kLoopbackOnly && !IsLoopbackHost(request.host)) {
    return reply(Text(421, "this port answers only to loopback host names\n"));
  }
  // For load balancers and service managers, who show nothing.
  if (path == "/healthz") return reply(Text(200, "ok\n"));
  if (path == "/readyz") return reply(Ready());
  const CallAtDoor call{.method = MethodOf(path), .address = request.address};
  const bool names_device = call.method == Method::kHttpDevice;
  const auto caller =
      sources_.access.Enter(ShownBy(request), config_.callers, call,
                            names_device ? path.substr(kDevicePrefix.size()) : std::string_view());
  if (!caller) return reply(Denied(request, caller.error()));
  Show(request, *caller, call, std::move(reply));
}

void Router::Show(const HttpRequest& request, const Caller& caller, const CallAtDoor& call,
                  HttpReply reply) {
  switch (call.method) {
    case Method::kHttpMetrics: return HandleMetrics(std::move(reply));
    case Method::kHttpDevices: return HandleDevices(std::move(reply));
    case Method::kHttpDevice:
      return HandleDevice(std::string_view(request.path).substr(kDevicePrefix.size()),
                          std::move(reply));
    case Method::kHttpStream: return reply(Stream(caller, call));
    default: return reply(Page(request));
  }
}

// 401 asks for a token: it is for a port where there are tokens, and for who has not shown a good
// one.
HttpResponse Router::Denied(const HttpRequest& request, const Error& why) const {
  const bool may_show_token = why.code == Code::kUnauthenticated && config_.callers.tokens;
  return RefusalOf(request.path, may_show_token ? 401 : 403, why);
}

HttpResponse Router::Ready() const {
  switch (sources_.readiness.Get()) {
    case Readiness::State::kStarting: return Text(503, "starting\n");
    case Readiness::State::kReady: return Text(200, "ready\n");
    case Readiness::State::kDraining: return Text(503, "draining\n");
  }
  return Text(503, "unknown\n");
}

void Router::HandleDevices(HttpReply reply) {
  sources_.fleet.List(Detail::kHeadline, [&scheduler = scheduler_, reply = std::move(reply)](
                                             std::vector<DeviceSnapshot> devices) {
    scheduler.Post([reply, devices = std::move(devices)] { reply(Json(DevicesJson(devices))); });
  });
}

void Router::HandleDevice(std::string_view encoded_name, HttpReply reply) {
  const auto name = PercentDecode(encoded_name);
  if (!name || !CheckDeviceName(*name)) {
    return reply(JsonError(404, Error{Code::kNotFound, "not a device's name"}));
  }
  sources_.fleet.Get(
      *name, Detail::kReadings,
      [&scheduler = scheduler_, reply = std::move(reply)](Result<DeviceSnapshot> device) {
        scheduler.Post([reply, device = std::move(device)] {
          if (device) return reply(Json(DeviceJson(*device)));
          reply(JsonError(device.error().code == Code::kNotFound ? 404 : 503, device.error()));
        });
      });
}

// Asks for the devices, and then for the alerts.
void Router::HandleMetrics(HttpReply reply) {
  sources_.fleet.List(
      Detail::kHeadline, [weak = weak_from_this(), &scheduler = scheduler_,
                          &alerts = sources_.alerts, most = config_.max_alerts_in_metrics,
                          reply = std::move(reply)](std::vector<DeviceSnapshot> devices) {
        alerts.ListFiring(
            most, [weak, &scheduler, reply, devices = std::move(devices)](FiringAlerts firing) {
              scheduler.Post([weak, reply, devices, firing = std::move(firing)] {
                if (const auto self = weak.lock()) reply(self->Metrics(devices, firing));
              });
            });
      });
}

HttpResponse Router::Metrics(const std::vector<DeviceSnapshot>& devices,
                             const FiringAlerts& alerts) const {
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = MetricsText({.collector = sources_.stats,
                               .http = stats_,
                               .devices = devices,
                               .max_devices = config_.max_devices_in_metrics,
                               .alerts = alerts,
                               .version = sources_.version,
                               .now = scheduler_.WallNow()})};
}

HttpResponse Router::Stream(const Caller& caller, const CallAtDoor& call) {
  if (stream_->subscribers() >= config_.max_streams) {
    ++stats_.streams_refused;
    return Text(503, "too many event streams\n");
  }
  return {.content_type = "text/event-stream",
          .body = "retry: 2000\n\n",
          .events = stream_.get(),
          .watch = [&access = sources_.access, &scheduler = scheduler_, caller, call](Task end) {
            return access.Watch(caller, call, [&scheduler, end = std::move(end)](const Error&) {
              scheduler.Post(end);
            });
          }};
}

}  // namespace edgefeed
