#include "collector/notify/alertmanager_receiver.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "collector/notify/alert_words.h"
#include "common/base/json.h"
#include "common/base/units.h"
#include "common/digest/alert_id.h"

namespace edgefeed {
namespace {

// Its names are [a-zA-Z_][a-zA-Z0-9_]*; with our prefixes the first letter is one.
std::string LabelName(std::string_view prefix, const std::string& name) {
  std::string valid(prefix);
  for (const char c : name) {
    valid += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return valid;
}

void AddLabels(JsonLine& json, const AlertEvent& event) {
  std::map<std::string, std::string> labels = {
      {"alertname", event.key.rule},
      {"device", event.key.device},
      {"severity", std::string(SeverityName(event.severity))}};
  if (!event.key.series.metric.empty()) labels["metric"] = event.key.series.metric;
  for (const Label& label : event.key.series.labels) {
    labels[LabelName("series_", label.name)] = label.value;
  }
  for (const Label& label : event.device_labels) {
    labels[LabelName("device_", label.name)] = label.value;
  }
  json.BeginObject("labels");
  for (const auto& [name, value] : labels) json.Add(name, value);
  json.End();
}

void AddAnnotations(JsonLine& json, const AlertEvent& event) {
  json.BeginObject("annotations");
  json.Add("summary", event.key.rule + " on " + event.key.device);
  json.Add("description", event.message);
  json.Add("fingerprint", AlertId(event.key));
  json.Add("late", event.late ? "true" : "false");
  json.End();
}

struct Span {
  WallTime starts;
  WallTime ends;
};

std::string OneAlert(const AlertEvent& event, const Span& span) {
  JsonLine json;
  AddLabels(json, event);
  AddAnnotations(json, event);
  json.Add("startsAt", FormatTime(span.starts));
  json.Add("endsAt", FormatTime(span.ends));
  return json.text();
}

// Devices' clocks may be ahead: an alert must not end before it starts.
std::string FiringAlertJson(const Notification& notification, WallTime now) {
  return OneAlert(notification.event,
                  {.starts = notification.started,
                   .ends = std::max(now, notification.started) + kReminderHolds});
}

// Nor may one that is over seem to go on.
std::string ResolvedAlert(const Notification& notification, WallTime ended, WallTime now) {
  const WallTime ends = std::min(std::max(ended, notification.started), now);
  return OneAlert(notification.event,
                  {.starts = std::min(notification.started, ends), .ends = ends});
}

}  // namespace

std::string AlertmanagerBody(const Parcel& parcel, WallTime now) {
  const Notification& notification = parcel.notification;
  const WallTime time = notification.event.time;
  const bool resolved = notification.event.change == AlertChange::kResolved;
  // With other labels it is another alert there, which nobody else would end.
  const std::string before =
      parcel.before ? ResolvedAlert(*parcel.before, time, now) : std::string();
  if (resolved) {
    return "[" + (before.empty() ? ResolvedAlert(notification, time, now) : before) + "]";
  }
  return "[" + before + (before.empty() ? "" : ",") + FiringAlertJson(notification, now) + "]";
}

AlertmanagerReceiver::AlertmanagerReceiver(const ReceiverConfig& config, const std::string& url,
                                           std::string user_agent)
    : request_{
          .url = url + (url.ends_with('/') ? "api/v2/alerts" : "/api/v2/alerts"),
          .headers = {{"Content-Type", "application/json"}, {"User-Agent", std::move(user_agent)}},
          .body = {},
          .tls = config.tls,
          .connect_timeout = config.timeout,
          .timeout = config.timeout} {}

Result<HttpClient::Request> AlertmanagerReceiver::Tell(const Parcel& parcel, WallTime now) {
  HttpClient::Request request = request_;
  request.body = AlertmanagerBody(parcel, now);
  return request;
}

HttpClient::Request AlertmanagerReceiver::Remind(std::span<const Notification> firing,
                                                 WallTime now) {
  HttpClient::Request request = request_;
  request.body = "[";
  for (const Notification& notification : firing) {
    if (request.body.size() > 1) request.body += ",";
    request.body += FiringAlertJson(notification, now);
  }
  request.body += "]";
  return request;
}

}  // namespace edgefeed
