#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.h"

// Values as people read them. What is not a finite number is "-".
namespace edgefeed {

// "12.3 %"
std::string FormatPercent(double percent);
// "812.0 MiB", "1.5 GiB"
std::string FormatMebibytes(double mebibytes);
// "1.2 KiB/s"
std::string FormatRate(double bytes_per_second);
// "1,234,567", "0.25"
std::string FormatNumber(double number);
// "1 sample", "1,234 samples"
std::string Counted(std::uint64_t count, const std::string& what);
// "250 ms", "12.5 s", "3m 20s", "5h 3m", "12d 4h"
std::string FormatSeconds(double seconds);
// "now", "4s ago", "3m ago", "5h ago", "12d ago"; "never" for 1970.
std::string FormatAgo(WallTime then, WallTime now);
// "2026-11-23 04:56:42 UTC"
std::string FormatUtc(WallTime time);
// In the unit that the metric's name ends with: `memory_free_bytes` → "1.2 GiB".
std::string FormatReading(std::string_view metric, double value);

}  // namespace edgefeed
