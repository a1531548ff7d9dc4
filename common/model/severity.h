#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace edgefeed {

// How bad an alert is, from mild to severe.
enum class Severity { kInfo, kWarning, kCritical };

// In the order of Severity.
constexpr std::array<std::string_view, 3> kSeverityNames = {"info", "warning", "critical"};

constexpr std::string_view SeverityName(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}

constexpr std::optional<Severity> SeverityFrom(std::string_view name) {
  for (std::size_t i = 0; i < kSeverityNames.size(); ++i) {
    if (kSeverityNames[i] == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

}  // namespace edgefeed
