#include "ctl/render/human.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "common/base/units.h"

namespace edgefeed {
namespace {

constexpr double kBytesPerMebibyte = 1024.0 * 1024.0;

std::string Printed(const char* format, double value) {
  std::array<char, 400> text{};  // A double has at most 309 digits before its point.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  std::snprintf(text.data(), text.size(), format, value);
#pragma GCC diagnostic pop
  return text.data();
}

std::string FormatByteCount(double bytes) {
  if (!std::isfinite(bytes)) return "-";
  constexpr double kMost = 9.0e18;  // Fits the counter.
  if (bytes < 0) return "-" + FormatByteCount(-bytes);
  return FormatBytes(Bytes{static_cast<std::uint64_t>(std::min(std::round(bytes), kMost))});
}

// "3m 20s": two neighbouring units.
std::string TwoUnits(std::uint64_t large, const char* large_unit, std::uint64_t small,
                     const char* small_unit) {
  const std::string first = std::to_string(large) + large_unit;
  return small == 0 ? first : first + " " + std::to_string(small) + small_unit;
}

std::string GroupThousands(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string FormatHertz(double hertz) {
  if (std::abs(hertz) >= 1e9) return Printed("%.2f GHz", hertz / 1e9);
  if (std::abs(hertz) >= 1e6) return Printed("%.0f MHz", hertz / 1e6);
  if (std::abs(hertz) >= 1e3) return Printed("%.1f kHz", hertz / 1e3);
  return Printed("%.0f Hz", hertz);
}

}  // namespace

std::string FormatPercent(double percent) {
  return std::isfinite(percent) ? Printed("%.1f %%", percent) : "-";
}

std::string FormatMebibytes(double mebibytes) {
  return FormatByteCount(mebibytes * kBytesPerMebibyte);
}

std::string FormatRate(double bytes_per_second) { return FormatByteCount(bytes_per_second) + "/s"; }

std::string FormatNumber(double number) {
  if (!std::isfinite(number)) return "-";
  if (std::abs(number) >= 1000 || number == std::round(number)) {
    return GroupThousands(Printed("%.0f", number));
  }
  return Printed("%.4g", number);
}

std::string Counted(std::uint64_t count, const std::string& what) {
  return FormatNumber(static_cast<double>(count)) + " " + what + (count == 1 ? "" : "s");
}

std::string FormatSeconds(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds < 0) return "-" + FormatSeconds(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 0.001) return Printed("%.3g µs", seconds * 1e6);
  if (seconds < 1) return Printed("%.3g ms", seconds * 1e3);
  if (seconds < 60) return Printed("%.3g s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, 9.0e18));
  if (whole < 3600) return TwoUnits(whole / 60, "m", whole % 60, "s");
  if (whole < 86'400) return TwoUnits(whole / 3600, "h", whole % 3600 / 60, "m");
  return TwoUnits(whole / 86'400, "d", whole % 86'400 / 3600, "h");
}

std::string FormatAgo(WallTime then, WallTime now) {
  const std::uint64_t from = UnixMillis(then);
  const std::uint64_t to = UnixMillis(now);
  if (from == 0) return "never";
  const std::uint64_t seconds = to > from ? (to - from) / 1000 : 0;  // Hosts' clocks differ.
  if (seconds < 1) return "now";
  if (seconds < 120) return std::to_string(seconds) + "s ago";
  if (seconds < 7200) return std::to_string(seconds / 60) + "m ago";
  if (seconds < 172'800) return std::to_string(seconds / 3600) + "h ago";
  return std::to_string(seconds / 86'400) + "d ago";
}

// Not with std::time_t, which ends in 2038 where it has 32 bits.
std::string FormatUtc(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time) - day);
  std::array<char, 80> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string FormatReading(std::string_view metric, double value) {
  constexpr std::string_view kTotal = "_total";
  if (metric.ends_with(kTotal)) metric.remove_suffix(kTotal.size());
  if (metric.ends_with("_bytes")) return FormatByteCount(value);
  if (metric.ends_with("_seconds")) return FormatSeconds(value);
  if (metric.ends_with("_ratio")) return FormatPercent(value * 100);
  if (metric.ends_with("_percent") || metric == "cpu_usage") return FormatPercent(value);
  if (metric == "memory_mb") return FormatMebibytes(value);
  if (!std::isfinite(value)) return "-";
  if (metric.ends_with("_celsius")) return Printed("%.1f °C", value);
  if (metric.ends_with("_hertz")) return FormatHertz(value);
  return FormatNumber(value);
}

}  // namespace edgefeed
