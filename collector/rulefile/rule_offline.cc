#include "collector/rulefile/rule_offline.h"

#include <optional>
#include <string>

#include "collector/rulefile/rule_words.h"
#include "common/config/scalars.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr auto kLongestSilence = 30 * 24h;

double Seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

bool ReadOffline(YamlReader& reader, Rule& rule) {
  std::chrono::milliseconds after{0};
  const auto found = reader.Section("offline", [&](YamlReader& offline) {
    offline.Read("after", after, DurationFrom(1s, kLongestSilence));
    offline.Require("after");
    offline.Read("parent_label", rule.parent_label, ParseIdentifier);
  });
  if (found == SectionState::kAbsent) return false;
  rule.kind = RuleKind::kOffline;
  rule.metric = kOfflineMetric;
  RuleLevel& level = rule.levels.emplace_back();
  level.threshold = Seconds(after);
  reader.Read("severity", level.severity, ParseSeverity);
  return true;
}

void ReadOfflineChange(YamlReader& reader, RuleOverride& changes) {
  std::optional<std::chrono::milliseconds> after;
  LevelChange change;
  reader.Read("after", after, DurationFrom(1s, kLongestSilence));
  reader.Read("severity", change.severity, ParseSeverity);
  if (after) change.threshold = Seconds(*after);
  if (reader.Has("after") || reader.Has("severity")) {
    changes.levels.push_back(change);
  } else if (!reader.Has("enabled")) {
    reader.Report("match", "nothing is changed for these devices: give enabled, after or severity");
  }
}

void ReadNoData(YamlReader& reader, Rule& rule) {
  reader.Section("no_data", [&](YamlReader& no_data) {
    no_data.Read("after", rule.no_data.after, DurationFrom(1s, kLongestSilence));
    no_data.Read("state", rule.no_data.state, ParseNoDataState);
  });
}

}  // namespace edgefeed
