#include "collector/alerts/silence.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

constexpr std::string_view kLabels = "labels.";
constexpr std::string_view kDeviceLabels = "device.labels.";

Error Wrong(const std::string& why) { return {Code::kInvalidArgument, "silence: " + why}; }

std::string ValueOf(const Labels& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? "" : found->value;
}

std::string ValueOf(std::string_view field, const AlertEvent& event) {
  if (field == "device") return event.key.device;
  if (field == "rule") return event.key.rule;
  if (field == "severity") return std::string(SeverityName(event.severity));
  if (field == "metric") return event.key.series.metric;
  if (field.starts_with(kLabels)) {
    return ValueOf(event.key.series.labels, field.substr(kLabels.size()));
  }
  return ValueOf(event.device_labels, field.substr(kDeviceLabels.size()));
}

bool IsField(std::string_view field) {
  for (const std::string_view prefix : {kLabels, kDeviceLabels}) {
    if (field.starts_with(prefix)) return field.size() > prefix.size();
  }
  return field == "device" || field == "rule" || field == "severity" || field == "metric";
}

Status CheckMatcher(const AlertMatcher& matcher) {
  if (matcher.field.size() > Silence::kMaxText || matcher.value.size() > Silence::kMaxText) {
    return Wrong("a matcher has more than 1024 letters");
  }
  if (!IsField(matcher.field)) {
    return Wrong("'" + matcher.field +
                 "' is not device, rule, severity, metric, labels.NAME or device.labels.NAME");
  }
  if (matcher.field == "severity" && matcher.kind != MatchKind::kIsLike &&
      !SeverityFrom(matcher.value)) {
    return Wrong("'" + matcher.value + "' is not info, warning or critical");
  }
  // No name has these letters: it would fit nothing, or everything.
  if (!matcher.field.starts_with(kLabels) && !matcher.field.starts_with(kDeviceLabels) &&
      matcher.kind != MatchKind::kIsLike &&
      matcher.value.find_first_of("*?") != std::string::npos) {
    return Wrong("'" + matcher.value + "' is a glob, which " + matcher.field + "=~" +
                 matcher.value + " compares with");
  }
  return {};
}

Status CheckTexts(const Silence& silence) {
  if (silence.author.empty()) return Wrong("says not who wants it (author)");
  if (silence.comment.empty()) return Wrong("says not why (comment)");
  if (silence.author.size() > Silence::kMaxText || silence.comment.size() > Silence::kMaxText) {
    return Wrong("author and comment have at most 1024 letters");
  }
  return {};
}

}  // namespace

bool Matches(const AlertMatcher& matcher, const AlertEvent& event) {
  const std::string value = ValueOf(matcher.field, event);
  switch (matcher.kind) {
    case MatchKind::kIs: return value == matcher.value;
    case MatchKind::kIsNot: return value != matcher.value;
    case MatchKind::kIsLike: break;
  }
  return ::fnmatch(matcher.value.c_str(), value.c_str(), FNM_NOESCAPE) == 0;
}

Status CheckSilence(const Silence& silence, WallTime now) {
  if (silence.matchers.empty()) return Wrong("has no matcher: it would silence everything");
  if (silence.matchers.size() > Silence::kMaxMatchers) return Wrong("has more than 32 matchers");
  for (const AlertMatcher& matcher : silence.matchers) {
    if (Status checked = CheckMatcher(matcher); !checked) return checked;
  }
  if (Status checked = CheckTexts(silence); !checked) return checked;
  if (silence.expires <= now) return Wrong("expires in the past");
  if (silence.expires - now > Silence::kLongest) return Wrong("lasts more than a year");
  if (silence.window.empty()) return {};
  const auto window = RecurringWindow::Parse(silence.window);
  return window ? Status() : Status(window.error().Wrap("silence"));
}

SilenceInForce::SilenceInForce(Silence silence) : silence_(std::move(silence)) {
  if (silence_.window.empty()) return;
  if (auto window = RecurringWindow::Parse(silence_.window)) window_ = *window;
}

bool SilenceInForce::Holds(WallTime now) const {
  return !silence_.expired(now) && (!window_ || window_->Holds(now));
}

bool SilenceInForce::Covers(const AlertEvent& event) const {
  return std::ranges::all_of(silence_.matchers,
                             [&](const AlertMatcher& matcher) { return Matches(matcher, event); });
}

}  // namespace edgefeed
