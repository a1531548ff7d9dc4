#include "ctl/render/alert_table.h"

#include <chrono>
#include <string>

#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

Style StyleOf(const std::string& severity) {
  if (severity == "critical") return Style::kBad;
  return severity == "warning" ? Style::kWarning : Style::kPlain;
}

// "no data, silenced", "acknowledged by bob: on it".
std::string NoteOf(const AlertEntry& alert) {
  std::string note;
  const auto add = [&note](const std::string& text) { note += (note.empty() ? "" : ", ") + text; };
  if (alert.phase == AlertPhase::kNoData) add("no data");
  if (alert.late) add("late");
  if (!alert.suppressed.empty() && alert.suppressed != "acknowledged") add(alert.suppressed);
  if (!alert.acknowledged_by.empty()) {
    add("acknowledged by " + alert.acknowledged_by +
        (alert.comment.empty() ? "" : ": " + alert.comment));
  }
  return note.empty() ? "-" : SafeText(note);
}

std::string MatchesText(const std::vector<SilenceMatch>& matches) {
  std::string text;
  for (const SilenceMatch& match : matches) {
    if (!text.empty()) text += ' ';
    text += match.field + match.relation + match.value;
  }
  return SafeText(text);
}

std::string Ends(const SilenceEntry& silence, WallTime now) {
  if (silence.expires <= now) return "ended " + FormatAgo(silence.expires, now);
  return "in " + FormatSeconds(std::chrono::duration<double>(silence.expires - now).count());
}

std::string StateOf(const SilenceEntry& silence, WallTime now) {
  if (silence.holds) return "holds";
  return silence.expires <= now ? "over" : "waits";
}

}  // namespace

std::vector<Line> AlertTable(const std::vector<AlertEntry>& alerts, WallTime now) {
  if (alerts.empty()) return {{{"no alerts"}}};
  Table table({{"ALERT"},
               {"SEVERITY"},
               {"SINCE", Align::kRight},
               {"DEVICE"},
               {"RULE"},
               {"NOTE"},
               {"MESSAGE"}});
  for (const AlertEntry& alert : alerts) {
    table.Add({{SafeText(alert.id.substr(0, kShortId)), Style::kBold},
               {SafeText(alert.severity), StyleOf(alert.severity)},
               {FormatAgo(alert.started, now)},
               {SafeText(alert.device)},
               {SafeText(alert.rule)},
               {NoteOf(alert)},
               {SafeText(alert.message)}});
  }
  return table.Lines();
}

std::vector<Line> AlertHistoryTable(const std::vector<AlertEntry>& entries) {
  if (entries.empty()) return {{{"no alerts in this time"}}};
  Table table({{"TIME"}, {"CHANGE"}, {"SEVERITY"}, {"DEVICE"}, {"RULE"}, {"NOTE"}, {"MESSAGE"}});
  for (const AlertEntry& entry : entries) {
    const bool is_end = entry.change == "resolved";
    table.Add({{FormatUtc(entry.at)},
               {entry.change, is_end ? Style::kGood : Style::kPlain},
               {SafeText(entry.severity), is_end ? Style::kDim : StyleOf(entry.severity)},
               {SafeText(entry.device)},
               {SafeText(entry.rule)},
               {NoteOf(entry)},
               {SafeText(entry.message)}});
  }
  return table.Lines();
}

std::vector<Line> SilenceTable(const std::vector<SilenceEntry>& silences, WallTime now) {
  if (silences.empty()) return {{{"no silences"}}};
  Table table({{"SILENCE"}, {"STATE"}, {"ENDS"}, {"ALERTS"}, {"WINDOW"}, {"AUTHOR"}, {"COMMENT"}});
  for (const SilenceEntry& silence : silences) {
    table.Add({{std::to_string(silence.number), Style::kBold},
               {StateOf(silence, now), silence.holds ? Style::kGood : Style::kDim},
               {Ends(silence, now)},
               {MatchesText(silence.matches)},
               {silence.window.empty() ? "-" : SafeText(silence.window)},
               {SafeText(silence.author)},
               {SafeText(silence.comment)}});
  }
  return table.Lines();
}

Line AlertLine(const AlertEntry& alert) {
  const bool is_end = alert.phase == AlertPhase::kResolved;
  const std::string note = is_end ? "-" : NoteOf(alert);
  Line line = {{FormatUtc(alert.at), Style::kDim},
               {"  "},
               {is_end ? "resolved" : SafeText(alert.severity),
                is_end ? Style::kGood : StyleOf(alert.severity)},
               {"  "},
               {SafeText(alert.device), Style::kBold},
               {"  " + SafeText(alert.rule) + "  " + SafeText(alert.message)}};
  if (note != "-") line.push_back({"  (" + note + ")", Style::kDim});
  return line;
}

}  // namespace edgefeed
