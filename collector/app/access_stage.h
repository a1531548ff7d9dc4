#pragma once

#include <memory>

#include "collector/access/access.h"
#include "collector/app/config.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// What each port wants of its callers.
PortPolicy DevicesPolicy(const CollectorConfig& config);
PortPolicy OperatorsPolicy(const CollectorConfig& config);
// The web page, its data and /metrics are for operators, wherever else those have their port.
PortPolicy HttpPolicy(const CollectorConfig& config);

// Who may do what: its strand and its files. From the main thread.
class AccessStage {
 public:
  // Reads the lists; the error names the file that is wrong. `clock` and `stats` must outlive it.
  static Result<std::unique_ptr<AccessStage>> Open(const CollectorConfig& config,
                                                   const Clock& clock, CollectorStats& stats);
  // When no call is open any more.
  ~AccessStage();
  AccessStage(const AccessStage&) = delete;
  AccessStage& operator=(const AccessStage&) = delete;

  // Valid as long as the stage.
  Access& access() { return *access_; }
  // Looks at the files again and again from now on, until Stop().
  void Start();
  void Stop();
  // Returns when everything posted before has run.
  void Drain() { strand_.Drain(); }

 private:
  explicit AccessStage(const Clock& clock) : strand_("access", clock) {}

  Strand strand_;
  std::unique_ptr<Access> access_;
};

}  // namespace edgefeed
