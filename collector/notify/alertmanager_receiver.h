#pragma once

#include <chrono>
#include <string>

#include "collector/notify/notify_config.h"
#include "collector/notify/receiver.h"

namespace edgefeed {

// How often an Alertmanager hears of each alert that fires, and for how long it believes that: it
// takes two lost ones.
constexpr std::chrono::minutes kReminderEvery{1};
constexpr std::chrono::minutes kReminderHolds{4};

// Tells an Alertmanager, by its API v2. An alert is known there by its labels.
class AlertmanagerReceiver final : public Receiver {
 public:
  // `url`: one of the configuration's.
  AlertmanagerReceiver(const ReceiverConfig& config, const std::string& url,
                       std::string user_agent);

  Result<HttpClient::Request> Tell(const Parcel& parcel, WallTime now) override;
  HttpClient::Request Remind(std::span<const Notification> firing, WallTime now) override;

 private:
  HttpClient::Request request_;  // All that is the same each time.
};

// The body of the request that tells of the parcel.
std::string AlertmanagerBody(const Parcel& parcel, WallTime now);

}  // namespace edgefeed
