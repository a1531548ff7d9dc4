#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/units.h"
#include "common/model/role.h"

// What options take: our parsers of it, as CLI11 wants them.
namespace edgefeed {

// A parser of durations from `least` to `most`; `range` says so to people.
inline auto DurationIn(std::chrono::milliseconds least, std::chrono::milliseconds most,
                       const char* range) {
  return [least, most, range](std::string_view text) -> Result<std::chrono::milliseconds> {
    auto duration = ParseDuration(text);
    if (duration && (*duration < least || *duration > most)) {
      return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not between " + range};
    }
    return duration;
  };
}
inline auto ShortDuration() {
  return DurationIn(std::chrono::milliseconds(1), std::chrono::hours(24), "1ms and 24h");
}

Result<Role> ParsePersonRole(std::string_view text);
Result<std::uint64_t> ParseCount(std::string_view text);

// An option of `app` whose value `parse` puts into `target`, which must outlive it.
template <typename Parse, typename Target>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, Parse parse, Target& target,
                       const std::string& help) {
  // An error text, or an empty string.
  const auto check = [parse, &target](const std::string& text) -> std::string {
    auto value = parse(text);
    if (!value) return value.error().message;
    target = *value;
    return {};
  };
  return app.add_option(name, help)
      ->check(CLI::Validator([check](std::string& text) { return check(text); }, std::string()));
}

}  // namespace edgefeed
