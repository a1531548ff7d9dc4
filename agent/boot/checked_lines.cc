#include "agent/boot/checked_lines.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "common/base/crc32c.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

constexpr unsigned kVersion = 1;
constexpr std::string_view kLastLine = "crc 00000000\n";

std::string LastLine(std::string_view before) {
  std::array<char, kLastLine.size() + 1> line{};
  std::snprintf(line.data(), line.size(), "crc %08x\n", Crc32c(before));
  return line.data();
}

}  // namespace

std::string AddChecks(std::string_view kind, std::string_view lines) {
  std::string text = std::string(kind) + " " + std::to_string(kVersion) + "\n";
  text += lines;
  return text + LastLine(text);
}

Result<std::string_view> TakeChecks(std::string_view kind, std::string_view text) {
  std::string_view rest = text;
  std::string_view first = NextLine(rest).value_or("");
  if (NextField(first) != kind) return Error{Code::kDataLoss, "is not what it should be"};
  const auto version = ParseNumber<unsigned>(NextField(first).value_or(""));
  if (version.value_or(0) > kVersion) {
    return Error{Code::kUnimplemented, "was written by a newer program"};
  }
  if (rest.size() < kLastLine.size()) return Error{Code::kDataLoss, "is not whole"};
  const std::string_view last = rest.substr(rest.size() - kLastLine.size());
  if (LastLine(text.substr(0, text.size() - kLastLine.size())) != last) {
    return Error{Code::kDataLoss, "is damaged: its checksum is another"};
  }
  rest.remove_suffix(kLastLine.size());
  return rest;
}

}  // namespace edgefeed
