#include "collector/notify/route.h"

#include <fnmatch.h>

#include <algorithm>

namespace edgefeed {
namespace {

bool IsOneOf(const std::vector<std::string>& globs, const std::string& name) {
  return globs.empty() || std::ranges::any_of(globs, [&](const std::string& glob) {
           return ::fnmatch(glob.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
         });
}

bool HasAll(const Labels& labels, const Labels& wanted) {
  // Not by their order: what devices send need not be sorted.
  return std::ranges::all_of(
      wanted, [&](const Label& label) { return std::ranges::find(labels, label) != labels.end(); });
}

}  // namespace

bool Matches(const NotificationMatch& match, const AlertEvent& event) {
  const bool severe = match.severities.empty() ||
                      std::ranges::find(match.severities, event.severity) != match.severities.end();
  return severe && IsOneOf(match.rules, event.key.rule) &&
         IsOneOf(match.devices, event.key.device) && HasAll(event.device_labels, match.labels) &&
         HasAll(event.key.series.labels, match.series_labels);
}

}  // namespace edgefeed
