#include "ctl/render/replay_report.h"

#include <array>
#include <charconv>

#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

std::string ExactNumber(double number) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

double Seconds(std::chrono::milliseconds length) {
  return std::chrono::duration<double>(length).count();
}

Style StyleOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return Style::kPlain;
    case Severity::kWarning: return Style::kWarning;
    case Severity::kCritical: return Style::kBad;
  }
  return Style::kPlain;
}

}  // namespace

std::vector<Line> FiringTable(const std::vector<Firing>& firings, const FiringLog& log) {
  if (firings.empty()) return {};
  Table table({{"FIRED"},
               {"DEVICE"},
               {"RULE"},
               {"SEVERITY"},
               {"FOR", Align::kRight},
               {"WORST", Align::kRight},
               {"MESSAGE"}});
  for (const Firing& firing : firings) {
    const std::string length = FormatSeconds(Seconds(log.LengthOf(firing)));
    table.Add({{FormatUtc(firing.fired)},
               {SafeText(firing.device)},
               {SafeText(ToString(Series{firing.rule, firing.series.labels}))},
               {std::string(SeverityName(firing.severity)), StyleOf(firing.severity)},
               {firing.resolved ? length : length + ", still"},
               {FormatNumber(firing.worst)},
               {SafeText(firing.message)}});
  }
  return table.Lines();
}

std::vector<Line> TotalsTable(const std::vector<RuleTotal>& totals) {
  Table table(
      {{"RULE"}, {"TIMES", Align::kRight}, {"DEVICES", Align::kRight}, {"FIRING", Align::kRight}});
  for (const RuleTotal& total : totals) {
    table.Add({{SafeText(total.rule)},
               {std::to_string(total.times)},
               {std::to_string(total.devices.size())},
               {FormatSeconds(Seconds(total.firing))}});
  }
  return table.Lines();
}

std::string FiringJson(const Firing& firing, std::chrono::milliseconds length) {
  JsonLine json;
  json.Add("device", firing.device);
  json.Add("rule", firing.rule);
  json.BeginObject("labels");
  for (const Label& label : firing.series.labels) json.Add(label.name, label.value);
  json.End();
  json.Add("severity", SeverityName(firing.severity));
  json.Add("fired_ms", UnixMillis(firing.fired));
  std::optional<std::uint64_t> resolved;
  if (firing.resolved) resolved = UnixMillis(*firing.resolved);
  json.Add("resolved_ms", resolved);
  json.Add("firing_ms", UnixMillis(WallTime(length)));
  json.Add("message", firing.message);
  std::string text = json.text();
  text.pop_back();  // The brace: JsonLine has no real numbers.
  return text + R"(,"worst":)" + ExactNumber(firing.worst) + "}";
}

}  // namespace edgefeed
