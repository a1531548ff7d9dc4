#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>

#include "common/base/units.h"

namespace edgefeed::bench {

// An option that takes "250ms", "10s" or "5m".
inline CLI::Option* AddDuration(CLI::App& app, const std::string& name,
                                std::chrono::milliseconds& value, const std::string& help) {
  const auto parse = [&value](const std::string& text) {
    const auto duration = ParseDuration(text);
    if (!duration) throw CLI::ValidationError(duration.error().message);
    value = *duration;
  };
  return app.add_option_function<std::string>(name, parse, help)
      ->type_name("DURATION")
      ->default_str(FormatDuration(value));
}

}  // namespace edgefeed::bench
