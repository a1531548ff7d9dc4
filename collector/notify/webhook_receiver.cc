#include "collector/notify/webhook_receiver.h"

#include <utility>

#include "collector/notify/alert_words.h"
#include "collector/notify/signature.h"
#include "common/base/json.h"
#include "common/base/units.h"
#include "common/digest/alert_id.h"

namespace edgefeed {
namespace {

constexpr int kWebhookVersion = 1;

void AddLabels(JsonLine& json, std::string_view key, const Labels& labels) {
  json.BeginObject(key);
  for (const Label& label : labels) {
    if (!label.name.empty()) json.Add(label.name, label.value);
  }
  json.End();
}

void AddTime(JsonLine& json, const std::string& key, WallTime time) {
  json.Add(key, FormatTime(time));
  json.Add(key + "_ms", time.time_since_epoch().count());
}

std::int64_t UnixSeconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string WebhookBody(const Notification& notification, const std::string& collector) {
  const AlertEvent& event = notification.event;
  JsonLine json;
  json.Add("version", kWebhookVersion);
  json.Add("number", notification.number);
  json.Add("status", event.change == AlertChange::kResolved ? "resolved" : "firing");
  json.Add("change", AlertChangeName(event.change));
  json.Add("kind", AlertKindName(event.kind));
  json.Add("device", event.key.device);
  json.Add("rule", event.key.rule);
  json.Add("severity", SeverityName(event.severity));
  json.Add("message", event.message);
  json.Add("value", event.value);
  json.Add("threshold", event.threshold);
  json.Add("metric", event.key.series.metric);
  AddLabels(json, "series_labels", event.key.series.labels);
  AddLabels(json, "device_labels", event.device_labels);
  json.Add("parent", event.parent);
  AddTime(json, "started", notification.started);
  AddTime(json, "time", event.time);
  json.Add("late", event.late);
  json.Add("fingerprint", AlertId(event.key));
  json.Add("collector", collector);
  return json.text();
}

WebhookReceiver::WebhookReceiver(const ReceiverConfig& config, std::string collector,
                                 std::string user_agent)
    : request_{.url = std::get<WebhookConfig>(config.kind).url,
               .headers = {{"Content-Type", "application/json"},
                           {"User-Agent", std::move(user_agent)}},
               .body = {},
               .tls = config.tls,
               .connect_timeout = config.timeout,
               .timeout = config.timeout},
      secret_file_(std::get<WebhookConfig>(config.kind).secret_file),
      collector_(std::move(collector)) {}

Result<HttpClient::Request> WebhookReceiver::Tell(const Parcel& parcel, WallTime now) {
  const Notification& notification = parcel.notification;
  HttpClient::Request request = request_;
  request.body = WebhookBody(notification, collector_);
  request.headers.push_back({"Idempotency-Key", AlertId(notification.event.key) + "/" +
                                                    std::to_string(notification.number)});
  if (secret_file_.empty()) return request;
  const auto secret = ReadSecret(secret_file_);
  if (!secret) return secret.error();
  request.headers.push_back(
      {"X-Edgefeed-Signature", WebhookSignature(*secret, UnixSeconds(now), request.body)});
  return request;
}

HttpClient::Request WebhookReceiver::Remind(std::span<const Notification> /*firing*/,
                                            WallTime /*now*/) {
  return request_;
}

}  // namespace edgefeed
