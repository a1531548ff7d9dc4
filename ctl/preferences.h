#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/config/environment.h"

namespace edgefeed {

// What the environment says of how edgefeedctl is to work.
struct Preferences {
  std::string collector;  // EDGEFEED_COLLECTOR; empty: not set.
  std::string token;      // EDGEFEED_TOKEN; likewise.
  // The default configuration files; the first that exists counts.
  std::vector<std::filesystem::path> config_files;
  std::filesystem::path ca_directory;  // Empty: no home directory is known.
  bool wants_colour = true;            // NO_COLOR, TERM
  bool has_smart_terminal = true;      // TERM
  bool speaks_utf8 = false;            // LC_ALL, LC_CTYPE, LANG
};

Preferences ReadPreferences(const Environment& environment);

}  // namespace edgefeed
