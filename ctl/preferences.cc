#include "ctl/preferences.h"

namespace edgefeed {
namespace {

std::filesystem::path UserConfigDirectory(const Environment& environment) {
  const std::string directory = environment("XDG_CONFIG_HOME").value_or("");
  if (!directory.empty()) return directory;
  const std::string home = environment("HOME").value_or("");
  return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".config";
}

bool SpeaksUtf8(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = environment(name).value_or("");
    if (locale.empty()) continue;
    return locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

Preferences ReadPreferences(const Environment& environment) {
  Preferences preferences;
  preferences.collector = environment("EDGEFEED_COLLECTOR").value_or("");
  preferences.token = environment("EDGEFEED_TOKEN").value_or("");
  if (const auto directory = UserConfigDirectory(environment); !directory.empty()) {
    preferences.config_files.push_back(directory / "edgefeed" / "ctl.yaml");
    preferences.ca_directory = directory / "edgefeed" / "ca";
  }
  preferences.config_files.emplace_back("/etc/edgefeed/ctl.yaml");
  const std::string term = environment("TERM").value_or("");
  preferences.has_smart_terminal = !term.empty() && term != "dumb";
  preferences.wants_colour =
      preferences.has_smart_terminal && environment("NO_COLOR").value_or("").empty();
  preferences.speaks_utf8 = SpeaksUtf8(environment);
  return preferences;
}

}  // namespace edgefeed
