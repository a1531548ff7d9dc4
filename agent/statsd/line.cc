#include "agent/statsd/line.h"

#include <cmath>
#include <optional>

#include "common/base/text.h"

namespace edgefeed {
namespace {

// Takes what stands before the next `end` off `rest`, and the `end`.
std::string_view TakeUntil(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return taken;
}

std::optional<StatsdType> TypeOf(std::string_view text) {
  if (text == "c") return StatsdType::kCounter;
  if (text == "g") return StatsdType::kGauge;
  if (text == "ms") return StatsdType::kTimer;
  if (text == "h" || text == "d") return StatsdType::kHistogram;
  return std::nullopt;
}

// Of other implementations, or events and service checks.
bool IsKnownElsewhere(std::string_view type) { return type == "s" || type == "m" || type == "kv"; }

std::optional<double> FiniteNumber(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  const auto number = ParseNumber<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

}  // namespace

std::variant<StatsdLine, StatsdDrop> ParseStatsdLine(std::string_view line) {
  if (line.starts_with("_e{") || line.starts_with("_sc|")) return StatsdDrop::kUnsupported;
  if (line.find(':') == std::string_view::npos) return StatsdDrop::kMalformed;
  StatsdLine parsed;
  parsed.name = TakeUntil(line, ':');
  const std::string_view value = TakeUntil(line, '|');
  const std::string_view type = TakeUntil(line, '|');
  if (parsed.name.empty() || value.empty()) return StatsdDrop::kMalformed;
  if (IsKnownElsewhere(type)) return StatsdDrop::kUnsupported;
  const auto known_type = TypeOf(type);
  const auto number = FiniteNumber(value);
  if (!known_type || !number) return StatsdDrop::kMalformed;
  parsed.type = *known_type;
  parsed.value = *number;
  parsed.relative =
      parsed.type == StatsdType::kGauge && (value.front() == '+' || value.front() == '-');
  // What counts up only, or how long something took.
  const bool is_signed = parsed.type == StatsdType::kGauge || parsed.type == StatsdType::kHistogram;
  if (!is_signed && parsed.value < 0) return StatsdDrop::kMalformed;
  while (!line.empty()) {
    std::string_view section = TakeUntil(line, '|');
    if (section.starts_with('@')) {
      section.remove_prefix(1);
      const auto rate = FiniteNumber(section);
      if (!rate || *rate <= 0 || *rate > 1) return StatsdDrop::kMalformed;
      parsed.rate = *rate;
    } else if (section.starts_with('#')) {
      section.remove_prefix(1);
      parsed.tags = section;
    }
  }
  return parsed;
}

}  // namespace edgefeed
