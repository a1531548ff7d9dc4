#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "collector/notify/courier.h"
#include "collector/notify/notices.h"
#include "collector/notify/notify_config.h"
#include "collector/notify/receiver.h"
#include "collector/ports.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/http/http_client.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// Notifications for operators: the receivers, a strand for each of their addresses, and what waits
// for them in the alerts' database. From the main thread.
class NotifyStage {
 public:
  // All must outlive it.
  struct Ground {
    Strand& alerts;
    Database& database;  // Used on the alerts strand.
    const Clock& clock;
    CollectorStats& stats;  // Gets the receivers; nobody reads them yet.
  };

  // An error names the receiver whose secret cannot be read.
  static Result<std::unique_ptr<NotifyStage>> Open(const NotifyConfig& config,
                                                   const Ground& ground);
  // When nobody puts anything any more.
  ~NotifyStage();
  NotifyStage(const NotifyStage&) = delete;
  NotifyStage& operator=(const NotifyStage&) = delete;

  // For the alerts strand, as long as the stage lives.
  OperatorNotices& notices() { return *notices_; }

  // Ends requests at once; what waits, and what is put afterwards, is for the next run.
  void Stop();

 private:
  // One address. Each part uses the ones above it.
  struct Target {
    Target(const ReceiverConfig& of, ReceiverStats& counted, const std::string& strand_name,
           const Clock& clock);
    const ReceiverConfig& config;
    ReceiverStats& stats;
    Strand strand;
    HttpClient client;
    std::unique_ptr<Receiver> receiver;
    std::unique_ptr<Courier> courier;
  };

  NotifyStage(NotifyConfig config, const Ground& ground);
  Status CheckSecrets() const;
  void AddWebhook(const ReceiverConfig& config);
  void AddAlertmanagers(const ReceiverConfig& config);
  Target& AddTarget(const ReceiverConfig& config, std::string name);
  void AddCourier(std::size_t index);
  Status OpenNotices();

  const NotifyConfig config_;
  Ground ground_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::unique_ptr<Notices> notices_;  // On the alerts strand.
};

}  // namespace edgefeed
