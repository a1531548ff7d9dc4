#include "agent/status/words.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace edgefeed {
namespace {

struct Unit {
  std::int64_t ms;
  std::string_view name;
};

// Each with the one below it.
constexpr std::array kUnits = {Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "min"},
                               Unit{1000, "s"}, Unit{1, "ms"}};
constexpr std::size_t kSeconds = 3;  // Whole ones say enough.

}  // namespace

std::string DurationWords(std::chrono::milliseconds duration) {
  const std::int64_t ms = std::abs(duration.count());
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && ms < kUnits.at(unit).ms) ++unit;
  const auto [size, name] = kUnits.at(unit);
  std::string words = fmt::format("{} {}", ms / size, name);
  if (unit >= kSeconds) return words;
  const auto& [smaller, smaller_name] = kUnits.at(unit + 1);
  const std::int64_t rest = ms % size / smaller;
  return rest == 0 ? words : fmt::format("{} {} {}", words, rest, smaller_name);
}

std::string_view ClockTrustName(ClockTrust trust) {
  switch (trust) {
    case ClockTrust::kUnknown: return "unknown";
    case ClockTrust::kGuess: return "guess";
    case ClockTrust::kDevice: return "device";
    case ClockTrust::kCollector: return "collector";
    case ClockTrust::kKernel: return "kernel";
  }
  return "unknown";
}

std::string PlainLine(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '\n') {
      plain += "; ";
    } else {
      plain += c >= ' ' && c <= '~' ? c : '?';
    }
  }
  return plain;
}

}  // namespace edgefeed
