#include "common/model/boot.h"

#include <algorithm>
#include <cstdint>

namespace edgefeed {
namespace {

constexpr std::array<std::string_view, kBootReasons.size()> kNames = {
    "unknown", "clean", "kernel_panic", "watchdog", "overheat", "under_voltage", "unclean"};
constexpr std::array<std::string_view, kBootReasons.size()> kTexts = {
    "reason not known",     "clean shutdown",          "kernel panic",      "hardware watchdog",
    "hardware: overheated", "hardware: under-voltage", "power cut or reset"};

// The two largest units: "3m12s", "2d4h".
std::string ShortText(std::chrono::milliseconds duration) {
  struct Unit {
    std::int64_t seconds;
    char letter;
  };
  constexpr std::array<Unit, 4> kUnits = {{{86'400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  const std::int64_t seconds = duration / std::chrono::seconds(1);
  const auto* const unit =
      std::ranges::find_if(kUnits, [&](const Unit& each) { return seconds >= each.seconds; });
  if (unit == kUnits.end()) return "less than a second";
  std::string text = std::to_string(seconds / unit->seconds) + unit->letter;
  const auto* const next = unit + 1;
  if (next == kUnits.end()) return text;
  const std::int64_t rest = seconds % unit->seconds / next->seconds;
  return rest == 0 ? text : text + std::to_string(rest) + next->letter;
}

bool TellsItsEnd(BootReason reason) {
  return reason == BootReason::kClean || reason == BootReason::kKernelPanic;
}

}  // namespace

std::string_view BootReasonName(BootReason reason) {
  return kNames.at(static_cast<std::size_t>(reason));
}

std::optional<BootReason> FindBootReason(std::string_view name) {
  const auto* const found = std::ranges::find(kBootReasons, name, BootReasonName);
  if (found == kBootReasons.end()) return std::nullopt;
  return *found;
}

std::string DescribeBoot(const BootInfo& boot) {
  std::string text(kTexts.at(static_cast<std::size_t>(boot.reason)));
  if (!boot.detail.empty()) text += ": " + boot.detail;
  if (!boot.offline) return text;
  const bool is_exact = TellsItsEnd(boot.reason);
  return text + (is_exact ? ", off for " : ", off for up to ") + ShortText(*boot.offline);
}

}  // namespace edgefeed
