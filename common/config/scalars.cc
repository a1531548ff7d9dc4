#include "common/config/scalars.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/config/suggest.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxIdentifier = 64;
constexpr std::uint32_t kMostPercent = 90;

struct NamedLevel {
  std::string_view name;
  LogLevel level;
};
constexpr std::array kLevels = {
    NamedLevel{"debug", LogLevel::kDebug}, NamedLevel{"info", LogLevel::kInfo},
    NamedLevel{"warning", LogLevel::kWarning}, NamedLevel{"error", LogLevel::kError}};

// The spelling that ParseBytes takes.
std::string FormatSize(Bytes size) {
  constexpr std::array kSuffixes = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (size.count != 0 && size.count % 1024 == 0 && unit + 1 < kSuffixes.size()) {
    size.count /= 1024;
    ++unit;
  }
  return std::to_string(size.count) + kSuffixes[unit];
}

Error OutOfRange(std::string_view text, const std::string& min, const std::string& max) {
  return Error{Code::kInvalidArgument,
               "'" + std::string(text) + "' is out of range, allowed are " + min + " to " + max};
}

}  // namespace

Error NotA(std::string_view text, std::string_view wanted) {
  return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not " + std::string(wanted)};
}

Result<std::string> ParseText(std::string_view text) { return std::string(text); }

Result<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return NotA(text, "true or false");
}

Result<double> ParseReal(std::string_view text) {
  const auto number = ParseNumber<double>(text);
  if (!number || !std::isfinite(*number)) return NotA(text, "a number");
  return *number;
}

Result<LogLevel> ParseLogLevel(std::string_view text) {
  std::vector<std::string> names;
  for (const NamedLevel& named : kLevels) {
    if (named.name == text) return named.level;
    names.emplace_back(named.name);
  }
  const auto meant = ClosestName(text, names);
  return NotA(text, "one of debug, info, warning, error" +
                        (meant ? " (did you mean " + *meant + "?)" : std::string()));
}

Result<std::string> ParseIdentifier(std::string_view text) {
  const auto starts = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto goes_on = [&](char c) { return starts(c) || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > kMaxIdentifier || !starts(text.front()) ||
      !std::ranges::all_of(text, goes_on)) {
    return NotA(text, "a name of up to 64 of a-z, 0-9 and _ that starts with no digit");
  }
  return std::string(text);
}

ScalarParser<std::uint32_t> NumberFrom(std::uint32_t min, std::uint32_t max) {
  return [min, max](std::string_view text) -> Result<std::uint32_t> {
    const auto number = ParseNumber<std::uint32_t>(text);
    if (number && *number >= min && *number <= max) return *number;
    return NotA(text, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  };
}

ScalarParser<std::chrono::milliseconds> DurationFrom(std::chrono::milliseconds min,
                                                     std::chrono::milliseconds max) {
  return [min, max](std::string_view text) -> Result<std::chrono::milliseconds> {
    auto duration = ParseDuration(text);
    if (duration && (*duration < min || *duration > max)) {
      return OutOfRange(text, FormatDuration(min), FormatDuration(max));
    }
    return duration;
  };
}

ScalarParser<Bytes> SizeFrom(Bytes min, Bytes max) {
  return [min, max](std::string_view text) -> Result<Bytes> {
    auto size = ParseBytes(text);
    if (size && (*size < min || *size > max)) {
      return OutOfRange(text, FormatSize(min), FormatSize(max));
    }
    return size;
  };
}

Result<DiskShare> ParseDiskShare(std::string_view text) {
  if (!text.ends_with('%')) {
    const auto bytes = ParseBytes(text);
    if (!bytes) return NotA(text, "a share of the disk like 10%, or a size like 2GiB");
    return DiskShare{.bytes = *bytes, .percent = 0};
  }
  const auto percent = ParseNumber<std::uint32_t>(text.substr(0, text.size() - 1));
  if (!percent || *percent > kMostPercent) return OutOfRange(text, "0%", "90%");
  return DiskShare{.bytes = {}, .percent = *percent};
}

ScalarParser<std::filesystem::path> PathIn(std::filesystem::path directory) {
  return
      [directory = std::move(directory)](std::string_view text) -> Result<std::filesystem::path> {
        if (text.empty()) return NotA(text, "a path");
        return (directory / std::filesystem::path(text)).lexically_normal();
      };
}

ScalarParser<Endpoint> EndpointFor(Plaintext plaintext, std::string_view section) {
  return [plaintext, section = std::string(section)](std::string_view text) -> Result<Endpoint> {
    auto endpoint = ParseEndpoint(text);
    if (endpoint && plaintext == Plaintext::kLoopbackOnly && !IsLoopback(*endpoint)) {
      return NotA(text, "a loopback address: set " + section + "tls to encrypt, or " + section +
                            "allow_plaintext: true to do without");
    }
    return endpoint;
  };
}

}  // namespace edgefeed
