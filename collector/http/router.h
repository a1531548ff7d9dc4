#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "collector/access/access.h"
#include "collector/http/fleet_stream.h"
#include "collector/http/http_config.h"
#include "collector/http/http_message.h"
#include "collector/http/http_stats.h"
#include "collector/http/readiness.h"
#include "collector/ports.h"
#include "collector/stats.h"

namespace edgefeed {

// What the HTTP port tells of. Everything referred to must outlive the server.
struct HttpSources {
  FleetReader& fleet;
  AlertReader& alerts;
  const CollectorStats& stats;
  const Readiness& readiness;
  Access& access;       // Who may see it.
  std::string version;  // The program's, for /metrics.
};

// Which Host headers are believed.
enum class HostPolicy { kAny, kLoopbackOnly };

// What each path of the HTTP port answers, and to whom. On the HTTP strand; made by make_shared,
// because answers of the fleet may come when it is gone.
class Router : public std::enable_shared_from_this<Router> {
 public:
  // `scheduler` must outlive the fleet's answers.
  Router(Scheduler& scheduler, const HttpServerConfig& config, HttpSources sources,
         HostPolicy hosts);

  // Calls `reply` once, now or later, or never when the collector is stopping.
  void Handle(const HttpRequest& request, HttpReply reply);

  HttpStats& stats() { return stats_; }

 private:
  void HandleDevices(HttpReply reply);
  void HandleDevice(std::string_view encoded_name, HttpReply reply);
  void HandleMetrics(HttpReply reply);
  void Show(const HttpRequest& request, const Caller& caller, const CallAtDoor& call,
            HttpReply reply);
  [[nodiscard]] HttpResponse Ready() const;
  // What somebody is told who is not let in.
  [[nodiscard]] HttpResponse Denied(const HttpRequest& request, const Error& why) const;
  [[nodiscard]] HttpResponse Stream(const Caller& caller, const CallAtDoor& call);
  [[nodiscard]] HttpResponse Metrics(const std::vector<DeviceSnapshot>& devices,
                                     const FiringAlerts& alerts) const;

  Scheduler& scheduler_;
  HttpServerConfig config_;
  HttpSources sources_;
  HostPolicy hosts_;
  HttpStats stats_;
  std::shared_ptr<FleetStream> stream_;
};

}  // namespace edgefeed
