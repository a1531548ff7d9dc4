#include "ctl/alerts.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/safe_text.h"
#include "ctl/render/alert_table.h"
#include "ctl/render/human.h"

namespace edgefeed {
namespace {

template <typename Entry>
void PrintJson(const std::vector<Entry>& entries, std::ostream& out) {
  for (const Entry& entry : entries) out << entry.json << '\n';
}

Status WatchAlerts(AlertClient& client, const CtlOptions& options, Console& console) {
  return client.WatchAlerts(options.alerts.device, [&](const AlertEntry& alert) {
    if (options.json) {
      console.out << alert.json << '\n';
    } else {
      console.out << RenderLine(AlertLine(alert), console.colour) << '\n';
    }
    console.out.flush();
  });
}

Status ShowHistory(AlertClient& client, const CtlOptions& options, const Clock& clock,
                   Console& console) {
  const WallTime now = clock.Wall();
  const auto past =
      client.ListAlertHistory({.device = options.alerts.device,
                               .rule = options.alerts.rule,
                               .from = options.alerts.from.At(now),
                               .to = options.alerts.to.At(now),
                               .limit = static_cast<std::uint32_t>(options.alerts.limit)});
  if (!past) return past.error();
  if (options.json) {
    PrintJson(*past, console.out);
  } else {
    console.out << RenderLines(AlertHistoryTable(*past), console.colour);
  }
  return {};
}

// "HOT" of "cam-1/HOT"; an id has no slash.
AlertName NameOf(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return {.id = text, .device = {}, .rule = {}};
  return {.id = {}, .device = text.substr(0, slash), .rule = text.substr(slash + 1)};
}

void Report(const std::vector<AlertEntry>& alerts, const char* what, const CtlOptions& options,
            Console& console) {
  if (options.json) return PrintJson(alerts, console.out);
  for (const AlertEntry& alert : alerts) {
    console.out << SafeText(alert.device) << ": " << SafeText(alert.rule) << ' ' << what << '\n';
  }
}

}  // namespace

Result<SilenceMatch> ParseMatch(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || text.starts_with("!=")) {
    return Error{Code::kInvalidArgument,
                 "'" + std::string(text) +
                     "' is not FIELD=VALUE, FIELD!=VALUE or FIELD=~GLOB, as device=cam-1"};
  }
  SilenceMatch match{.field = std::string(text.substr(0, equals)), .relation = "=", .value = {}};
  std::string_view value = text.substr(equals + 1);
  if (match.field.ends_with('!')) {
    match.field.pop_back();
    match.relation = "!=";
  } else if (value.starts_with('~')) {
    match.relation = "=~";
    value.remove_prefix(1);
  }
  match.value = value;
  return match;
}

Status RunAlerts(AlertClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console) {
  if (options.alerts.watch) return WatchAlerts(client, options, console);
  if (options.alerts.history) return ShowHistory(client, options, clock, console);
  const auto alerts = client.ListAlerts(options.alerts.device, options.alerts.severity);
  if (!alerts) return alerts.error();
  if (options.json) {
    PrintJson(*alerts, console.out);
  } else {
    console.out << RenderLines(AlertTable(*alerts, clock.Wall()), console.colour);
  }
  return {};
}

Status RunSilenceAdd(AlertClient& client, const CtlOptions& options, const std::string& user,
                     const Clock& clock, Console& console) {
  const SilenceOptions& given = options.silence;
  SilenceEntry silence;
  for (const std::string& text : given.matches) {
    auto match = ParseMatch(text);
    if (!match) return match.error();
    silence.matches.push_back(*std::move(match));
  }
  silence.author = given.author.empty() ? user : given.author;
  silence.comment = given.comment;
  silence.expires = clock.Wall() + *given.lasts;
  silence.window = given.window;
  const auto added = client.AddSilence(silence);
  if (!added) return added.error();
  if (options.json) {
    console.out << added->json << '\n';
  } else {
    console.out << "silence " << added->number << " until " << FormatUtc(added->expires) << '\n';
  }
  return {};
}

Status RunSilenceList(AlertClient& client, const CtlOptions& options, const Clock& clock,
                      Console& console) {
  const auto silences = client.ListSilences();
  if (!silences) return silences.error();
  if (options.json) {
    PrintJson(*silences, console.out);
  } else {
    console.out << RenderLines(SilenceTable(*silences, clock.Wall()), console.colour);
  }
  return {};
}

Status RunSilenceRemove(AlertClient& client, const CtlOptions& options, Console& console) {
  for (const std::uint64_t number : options.silence.numbers) {
    const auto expired = client.ExpireSilence(number);
    if (!expired) return expired.error();
    if (options.json) {
      console.out << expired->json << '\n';
    } else {
      console.out << "silence " << number << " ended\n";
    }
  }
  return {};
}

Status RunAcknowledge(AlertClient& client, const CtlOptions& options, const std::string& user,
                      const Clock& clock, Console& console) {
  const AcknowledgeOptions& given = options.acknowledge;
  AcknowledgeRequestEntry request{.alert = NameOf(given.alert),
                                  .author = given.author.empty() ? user : given.author,
                                  .comment = given.comment,
                                  .expires = {}};
  if (given.lasts) request.expires = clock.Wall() + *given.lasts;
  const auto alerts = client.Acknowledge(request);
  if (!alerts) return alerts.error();
  Report(*alerts, "acknowledged", options, console);
  return {};
}

Status RunUnacknowledge(AlertClient& client, const CtlOptions& options, Console& console) {
  const auto alerts = client.Unacknowledge(NameOf(options.acknowledge.alert));
  if (!alerts) return alerts.error();
  Report(*alerts, "not acknowledged any more", options, console);
  return {};
}

}  // namespace edgefeed
