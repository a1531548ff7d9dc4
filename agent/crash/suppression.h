#pragma once

#include <cstdint>
#include <string>

#include "agent/crash/dump_spool.h"
#include "agent/crash/ledger_file.h"
#include "common/base/result.h"

namespace edgefeed {

// Crashes that are counted instead of kept, each exactly once, however often the agent is killed. A
// description tells of all of one signature together, every five minutes, or when none has come for
// a minute. On the dumps strand.
class Suppression {
 public:
  // Both must outlive it.
  Suppression(LedgerFile& ledger, DumpSpool& spool);

  // One more of this signature, from this source, on stable storage on return: then the source may
  // go. After an error nothing is counted.
  Status Count(const std::string& signature, const DumpInfo& info, const std::string& source);
  // Puts descriptions that are due into the spool. To be called again and again.
  void TellWhatIsDue();

  [[nodiscard]] std::uint64_t suppressed() const { return suppressed_; }

 private:
  Status Tell(const std::string& signature);

  LedgerFile& ledger_;
  DumpSpool& spool_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace edgefeed
