#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "agent/crash/powered_time.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/dump.h"

namespace edgefeed {

// What must be remembered of crashes beside the dumps themselves, so that limits hold and counts
// are exact over restarts. One small file, written as a whole (LedgerFile). FORMAT.md describes it.
struct Ledger {
  // Crashes that may still be taken, in thousandths, as of a moment.
  struct Allowance {
    std::int64_t thousandths = 0;
    PoweredTime at{0};
  };
  // How uploading a dump, or sealing a source, has gone.
  struct Tries {
    std::uint32_t failures = 0;     // The other side answered, and it did not work.
    std::uint32_t interrupted = 0;  // The agent ended in the middle: so often in a row.
  };
  // Crashes of one signature that were counted instead of kept, and not told of yet.
  struct Suppressed {
    std::string id;  // That of the dump that will tell of them.
    PoweredTime began{0};
    PoweredTime last{0};
    DumpInfo info;  // Of the first, without what is bulky; occurrences and last_at of all.
  };

  Allowance device;
  std::map<std::string, Allowance> signatures;
  std::map<std::string, Suppressed> suppressed;   // By signature.
  std::map<std::string, std::uint32_t> admitted;  // By source: how often its sealing began.
  std::set<std::string> done;          // Sources that are dealt with and may still exist.
  std::map<std::string, Tries> tries;  // By dump.
};

std::string EncodeLedger(const Ledger& ledger, const PoweredMark& mark);

struct DecodedLedger {
  Ledger ledger;
  PoweredMark mark;
};
// DATA_LOSS: damaged.
Result<DecodedLedger> DecodeLedger(std::string_view bytes);

}  // namespace edgefeed
