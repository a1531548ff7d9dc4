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

// Name, value and type, which it takes off `rest`.
std::variant<StatsdLine, StatsdDrop> TakeHead(std::string_view& rest) {
  if (rest.find(':') == std::string_view::npos) return StatsdDrop::kMalformed;
  const std::string_view name = TakeUntil(rest, ':');
  const std::string_view value = TakeUntil(rest, '|');
  const std::string_view type = TakeUntil(rest, '|');
  if (name.empty() || value.empty()) return StatsdDrop::kMalformed;
  if (IsKnownElsewhere(type)) return StatsdDrop::kUnsupported;
  const auto known_type = TypeOf(type);
  const auto number = FiniteNumber(value);
  if (!known_type || !number) return StatsdDrop::kMalformed;
  // What counts up only, or how long something took.
  const bool is_signed = *known_type == StatsdType::kGauge || *known_type == StatsdType::kHistogram;
  if (!is_signed && *number < 0) return StatsdDrop::kMalformed;
  const bool has_sign = value.front() == '+' || value.front() == '-';
  return StatsdLine{.name = name,
                    .type = *known_type,
                    .value = *number,
                    .relative = *known_type == StatsdType::kGauge && has_sign};
}

// False: it makes no sense. What is not known is none of our business.
bool TakeSection(std::string_view section, StatsdLine& line) {
  if (section.starts_with('#')) line.tags = section.substr(1);
  if (!section.starts_with('@')) return true;
  const auto rate = FiniteNumber(section.substr(1));
  if (!rate || *rate <= 0 || *rate > 1) return false;
  line.rate = *rate;
  return true;
}

}  // namespace

std::variant<StatsdLine, StatsdDrop> ParseStatsdLine(std::string_view line) {
  if (line.starts_with("_e{") || line.starts_with("_sc|")) return StatsdDrop::kUnsupported;
  auto parsed = TakeHead(line);
  auto* const good = std::get_if<StatsdLine>(&parsed);
  if (good == nullptr) return parsed;
  while (!line.empty()) {
    if (!TakeSection(TakeUntil(line, '|'), *good)) return StatsdDrop::kMalformed;
  }
  return parsed;
}

}  // namespace edgefeed
