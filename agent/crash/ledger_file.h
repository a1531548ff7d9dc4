#pragma once

#include <filesystem>

#include "agent/crash/ledger.h"
#include "agent/crash/powered_time.h"
#include "common/base/result.h"

namespace edgefeed {

// The ledger in memory and on disk. Whoever changes it saves it before anything is done that
// counts on it. On the dumps strand.
class LedgerFile {
 public:
  // Reads the file; one that is damaged is told of in the log, and counts as none: limits then
  // begin anew. `scheduler` must outlive it.
  LedgerFile(std::filesystem::path file, Scheduler& scheduler, const std::string& boot_id);

  Ledger& operator*() { return ledger_; }
  Ledger* operator->() { return &ledger_; }
  [[nodiscard]] PoweredTime Now() const { return clock_.Now(); }

  // On stable storage on return. After an error the file is as it was, and the ledger in memory
  // ahead of it.
  Status Save();
  // The same, at most once an hour, so that time is noted also when nothing crashes.
  void SaveIfOld();

 private:
  std::filesystem::path file_;
  PoweredClock clock_;
  Ledger ledger_;
  PoweredTime saved_at_{0};
};

}  // namespace edgefeed
