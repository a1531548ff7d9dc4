#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/boot/crash_records.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/boot.h"

namespace edgefeed {

// Boots by what they came from: BootReason is the index.
using BootCounts = std::array<std::uint64_t, kBootReasons.size()>;

// What is known of a boot, written once in it. FORMAT.md has the bytes.
struct BootRecord {
  std::string boot_id;
  BootReason reason = BootReason::kUnknown;
  std::string detail;
  std::optional<WallTime> ended;  // The last sign of life before, if its time is known for sure.
  BootCounts counts{};            // This boot and all before.
  std::string noted;              // The last boot of which a note of its shutdown was read.
  SeenRecords seen;               // Crash records that are no news any more.
  friend bool operator==(const BootRecord&, const BootRecord&) = default;
};

std::string EncodeBootRecord(const BootRecord& record);
// As DecodeLifeMark(). Lines that are not known are left out.
Result<BootRecord> DecodeBootRecord(std::string_view bytes);

}  // namespace edgefeed
