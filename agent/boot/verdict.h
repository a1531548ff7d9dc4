#pragma once

#include <optional>
#include <string>

#include "agent/boot/boot_record.h"
#include "agent/boot/crash_records.h"
#include "agent/boot/life_mark.h"
#include "agent/boot/watchdog_status.h"
#include "common/base/clock.h"
#include "common/model/boot.h"

namespace edgefeed {

// All that may tell how the boot before ended.
struct BootClues {
  std::optional<BootRecord> record;  // Of the last boot that an agent saw.
  std::optional<LifeMark> alive;     // The last sign of life of an agent.
  std::optional<LifeMark> shutdown;  // Noted when a system was shut down.
  bool shutdowns_are_noted = false;  // On this device: one that is not was none.
  CrashRecords crashes;
  WatchdogStatus watchdog;
};

struct BootVerdict {
  BootReason reason = BootReason::kUnknown;
  std::string detail;
  std::optional<WallTime> ended;  // The last sign of life, if its time is known for sure.
};

// Of a boot that the record is not of. What was seen to happen counts before what was planned: a
// panic on the way down is a panic; a watchdog that ends a shutdown is a clean one, because that is
// how some machines restart. Pure.
BootVerdict JudgeBoot(const BootClues& clues);

}  // namespace edgefeed
