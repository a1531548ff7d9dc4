#pragma once

#include <string>

#include "collector/notify/notify_config.h"
#include "collector/notify/receiver.h"

namespace edgefeed {

// Tells a web server, one notification a request: see docs/NOTIFICATIONS.md.
class WebhookReceiver final : public Receiver {
 public:
  // `collector` says who tells, to who is told by several.
  WebhookReceiver(const ReceiverConfig& config, std::string collector, std::string user_agent);

  // Reads the secret each time, so that it may change.
  Result<HttpClient::Request> Tell(const Parcel& parcel, WallTime now) override;
  // Never wanted: it remembers.
  HttpClient::Request Remind(std::span<const Notification> firing, WallTime now) override;

 private:
  HttpClient::Request request_;  // All that is the same each time.
  std::filesystem::path secret_file_;
  std::string collector_;
};

// The body of the request.
std::string WebhookBody(const Notification& notification, const std::string& collector);

}  // namespace edgefeed
