#include "common/base/units.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace edgefeed {
namespace {

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

constexpr std::array kDurationUnits = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                       Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array kSizeUnits = {Unit{"B", 1}, Unit{"KiB", 1ULL << 10}, Unit{"MiB", 1ULL << 20},
                                   Unit{"GiB", 1ULL << 30}, Unit{"TiB", 1ULL << 40}};

// A whole number followed by one of `units`, in the smallest unit.
template <std::size_t N>
Result<std::uint64_t> ParseWithUnit(std::string_view text, const std::array<Unit, N>& units,
                                    std::string_view wanted) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error == std::errc()) {
    for (const Unit& unit : units) {
      if (suffix != unit.suffix) continue;
      constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (number > kMax / unit.factor) break;
      return number * unit.factor;
    }
  }
  return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not " + std::string(wanted)};
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const auto ms =
      ParseWithUnit(text, kDurationUnits, "a duration such as 250ms, 10s, 5m, 1h or 3d");
  if (!ms) return ms.error();
  return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
}

Result<Bytes> ParseBytes(std::string_view text) {
  const auto bytes = ParseWithUnit(text, kSizeUnits, "a size such as 512B, 64KiB, 10MiB or 2GiB");
  if (!bytes) return bytes.error();
  return Bytes{*bytes};
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const auto ms = static_cast<std::uint64_t>(duration.count());
  if (ms == 0) return "0s";
  const Unit* best = kDurationUnits.data();
  for (const Unit& unit : kDurationUnits) {
    if (ms % unit.factor == 0) best = &unit;
  }
  return std::to_string(ms / best->factor) + std::string(best->suffix);
}

std::string FormatBytes(Bytes bytes) {
  const Unit* best = kSizeUnits.data();
  for (const Unit& unit : kSizeUnits) {
    if (bytes.count >= unit.factor) best = &unit;
  }
  std::array<char, 32> text{};
  const double value = static_cast<double>(bytes.count) / static_cast<double>(best->factor);
  std::snprintf(text.data(), text.size(), best->factor == 1 ? "%.0f " : "%.1f ", value);
  return text.data() + std::string(best->suffix);
}

std::string FormatTime(WallTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace edgefeed
