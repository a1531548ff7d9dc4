#include "agent/boot/boot_record.h"

#include <cstdio>

#include "agent/boot/checked_lines.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

constexpr std::string_view kRecordKind = "edgefeed-boot";

std::string HexNumber(std::uint32_t number) {
  std::array<char, 9> hex{};
  std::snprintf(hex.data(), hex.size(), "%08x", number);
  return hex.data();
}

std::string Line(std::string_view name, std::string_view value) {
  return value.empty() ? "" : std::string(name) + " " + std::string(value) + "\n";
}

void TakeCount(std::string_view fields, BootRecord& record) {
  const auto reason = FindBootReason(NextField(fields).value_or(""));
  const auto count = ParseNumber<std::uint64_t>(NextField(fields).value_or(""));
  if (reason && count) record.counts.at(static_cast<std::size_t>(*reason)) = *count;
}

void TakeLine(std::string_view line, BootRecord& record) {
  const auto name = NextField(line).value_or("");
  const std::string_view value = Trim(line);
  if (name == "boot") record.boot_id = value;
  if (name == "reason") record.reason = FindBootReason(value).value_or(BootReason::kUnknown);
  if (name == "detail") record.detail = value;
  if (name == "noted") record.noted = value;
  if (name == "count") TakeCount(value, record);
  if (name == "ended") {
    if (const auto ms = ParseNumber<std::int64_t>(value)) {
      record.ended = WallTime(std::chrono::milliseconds(*ms));
    }
  }
  if (name == "seen") {
    if (const auto identity = ParseHexNumber<std::uint32_t>(value))
      record.seen.push_back(*identity);
  }
}

}  // namespace

std::string EncodeBootRecord(const BootRecord& record) {
  std::string lines = Line("boot", record.boot_id);
  lines += Line("reason", BootReasonName(record.reason));
  lines += Line("detail", record.detail);
  if (record.ended) {
    lines += Line("ended", std::to_string(record.ended->time_since_epoch().count()));
  }
  lines += Line("noted", record.noted);
  for (const BootReason reason : kBootReasons) {
    const std::uint64_t count = record.counts.at(static_cast<std::size_t>(reason));
    if (count == 0) continue;
    lines += Line("count", std::string(BootReasonName(reason)) + " " + std::to_string(count));
  }
  for (const std::uint32_t identity : record.seen) lines += Line("seen", HexNumber(identity));
  return AddChecks(kRecordKind, lines);
}

Result<BootRecord> DecodeBootRecord(std::string_view bytes) {
  auto lines = TakeChecks(kRecordKind, bytes);
  if (!lines) return lines.error();
  BootRecord record;
  while (const auto line = NextLine(*lines)) TakeLine(*line, record);
  if (record.boot_id.empty()) return Error{Code::kDataLoss, "says of no boot"};
  return record;
}

}  // namespace edgefeed
