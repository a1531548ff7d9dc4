#include "agent/boot/life_mark.h"

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include "agent/boot/checked_lines.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

constexpr std::string_view kMarkKind = "edgefeed-life";

}  // namespace

std::string EncodeLifeMark(const LifeMark& mark) {
  std::array<char, 128> line{};
  std::snprintf(line.data(), line.size(), "%-36.36s %19" PRId64 " %19" PRId64 " %u\n",
                mark.boot_id.c_str(), static_cast<std::int64_t>(mark.since_boot.count()),
                static_cast<std::int64_t>(mark.started.time_since_epoch().count()),
                static_cast<unsigned>(mark.trust));
  return AddChecks(kMarkKind, line.data());
}

Result<LifeMark> DecodeLifeMark(std::string_view bytes) {
  const auto lines = TakeChecks(kMarkKind, bytes);
  if (!lines) return lines.error();
  std::string_view line = *lines;
  LifeMark mark;
  mark.boot_id = NextField(line).value_or("");
  const auto since_boot = ParseNumber<std::int64_t>(NextField(line).value_or(""));
  const auto started = ParseNumber<std::int64_t>(NextField(line).value_or(""));
  const auto trust = ParseNumber<unsigned>(NextField(line).value_or(""));
  if (!since_boot || !started || !trust || *trust > static_cast<unsigned>(ClockTrust::kKernel)) {
    return Error{Code::kDataLoss, "is not a mark"};
  }
  mark.since_boot = std::chrono::milliseconds(*since_boot);
  mark.started = WallTime(std::chrono::milliseconds(*started));
  mark.trust = static_cast<ClockTrust>(*trust);
  return mark;
}

}  // namespace edgefeed
