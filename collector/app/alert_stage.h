#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "collector/alerts/alert_desk.h"
#include "collector/alerts/alert_store.h"
#include "collector/app/config.h"
#include "collector/ports.h"
#include "collector/rpc/alert_service.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// What is known of alerts: its strand and its database. From the main thread.
class AlertStage {
 public:
  // `clock` and `stats` must outlive it. Takes records from now on, and does something with them
  // from Start() on.
  static Result<std::unique_ptr<AlertStage>> Open(const CollectorConfig& config, const Clock& clock,
                                                  CollectorStats& stats);
  ~AlertStage();
  AlertStage(const AlertStage&) = delete;
  AlertStage& operator=(const AlertStage&) = delete;

  // Valid as long as the stage, like all below.
  AlertRecorder& recorder() { return *desk_; }
  AlertReader& reader() { return *desk_; }
  [[nodiscard]] AlertAccess access() {
    return {.strand = strand_, .desk = *desk_, .stats = stats_};
  }
  // As the run before has left it. Nothing: there was none.
  [[nodiscard]] std::optional<WallTime> last_alive() const { return last_alive_; }
  std::vector<DeviceRuleState> LoadStates() { return std::exchange(states_, {}); }
  // For who takes part in its transactions, which are on its strand.
  Strand& strand() { return strand_; }
  Database& database() { return store_->database(); }

  // The contacts must outlive it, or Stop().
  void Start(AlertContacts contacts);
  // Ends the calls that wait for changes.
  void EndWatchers(const Error& why);
  // Writes down everything. When nothing is recorded any more.
  void Stop();
  // Returns when everything posted before has run.
  void Drain() { strand_.Drain(); }

 private:
  AlertStage(const Clock& clock, CollectorStats& stats) : stats_(stats), strand_("alerts", clock) {}

  CollectorStats& stats_;
  Strand strand_;
  std::optional<WallTime> last_alive_;
  std::vector<DeviceRuleState> states_;
  std::unique_ptr<AlertStore> store_;
  std::unique_ptr<AlertDesk> desk_;
};

}  // namespace edgefeed
