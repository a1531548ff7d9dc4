#include "ctl/rules/explain_rule.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "collector/rules/effective_rule.h"
#include "collector/rules/message_template.h"
#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "common/config/suggest.h"
#include "ctl/render/table.h"
#include "ctl/rules/rule_source.h"

namespace edgefeed {
namespace {

struct Setting {
  std::string key;
  std::string value;
  std::string set_by;
};

std::string Describe(const DeviceMatch& match) {
  std::string text = "device " + match.name_glob;
  for (const Label& label : match.labels) text += ", " + label.name + "=" + label.value;
  return text;
}

// Overrides are counted as people do.
std::string SetByText(const Rule& rule, const SetBy& by) {
  if (!by) return "the rule";
  return "override " + std::to_string(*by + 1) + " (" + Describe(rule.overrides[*by].match) + ")";
}

std::string Duration(std::chrono::milliseconds duration) {
  return duration.count() == 0 ? "0s" : FormatDuration(duration);
}

void AddLevel(const Rule& rule, const RuleLevel& level, const LevelOrigin& origin,
              std::vector<Setting>& settings) {
  const auto by = [&](const SetBy& set) { return SetByText(rule, set); };
  const std::string in = std::string(SeverityName(level.severity)) + ".";
  if (rule.kind == RuleKind::kOffline) {
    const auto after = std::chrono::duration<double>(level.threshold);
    settings.push_back({in + "after",
                        Duration(std::chrono::duration_cast<std::chrono::milliseconds>(after)),
                        by(origin.threshold)});
    settings.push_back(
        {in + "severity", std::string(SeverityName(level.severity)), by(origin.severity)});
    return;
  }
  settings.push_back({in + (rule.comparison == Comparison::kAbove ? "above" : "below"),
                      FormatValue(level.threshold), by(origin.threshold)});
  settings.push_back({in + "clear", FormatValue(level.clear.value_or(level.threshold)),
                      level.clear ? by(origin.clear) : "the threshold"});
  settings.push_back({in + "for", Duration(level.hold), by(origin.hold)});
  settings.push_back({in + "keep_firing_for", Duration(level.keep_firing), by(origin.keep_firing)});
  settings.push_back(
      {in + "severity", std::string(SeverityName(level.severity)), by(origin.severity)});
}

std::vector<Setting> SettingsOf(const Rule& rule, const EffectiveRule& effective) {
  std::vector<Setting> settings = {
      {"enabled", effective.enabled ? "true" : "false", SetByText(rule, effective.enabled_by)}};
  for (std::size_t i = 0; i < effective.levels.size(); ++i) {
    AddLevel(rule, effective.levels[i], effective.origins[i], settings);
  }
  return settings;
}

Result<Rule> FindRule(const std::vector<Rule>& rules, const std::string& name,
                      const std::string& file) {
  const auto found = std::ranges::find(rules, name, &Rule::name);
  if (found != rules.end()) return *found;
  std::vector<std::string> names;
  names.reserve(rules.size());
  for (const Rule& rule : rules) names.push_back(rule.name);
  const auto meant = ClosestName(name, names);
  return Error{Code::kNotFound, file + ": no rule '" + name + "'" +
                                    (meant ? " (did you mean " + *meant + "?)" : "")};
}

Result<Labels> LabelsOf(CollectorClient& client, const std::string& name) {
  const auto devices = client.ListDevices();
  if (!devices) return devices.error();
  const auto found = std::ranges::find(*devices, name, &DeviceEntry::name);
  if (found == devices->end()) {
    return Error{Code::kNotFound, "device '" + name + "' was never seen; edgefeedctl devices"};
  }
  return found->info ? found->info->labels : Labels{};
}

void Print(const std::vector<Setting>& settings, const CtlOptions& options, Console& console) {
  Table table({{"KEY"}, {"VALUE"}, {"SET BY"}});
  for (const Setting& setting : settings) {
    if (options.json) {
      JsonLine line;
      line.Add("device", options.rules.device);
      line.Add("rule", options.rules.rule);
      line.Add("key", setting.key);
      line.Add("value", setting.value);
      line.Add("set_by", setting.set_by);
      console.out << line.text() << '\n';
      continue;
    }
    table.Add({{setting.key}, {setting.value}, {SafeText(setting.set_by)}});
  }
  if (!options.json) console.out << RenderLines(table.Lines(), console.colour);
}

}  // namespace

Status RunRulesExplain(CollectorClient& client, const CtlOptions& options,
                       const Environment& environment, Console& console) {
  const RulesOptions& asked = options.rules;
  const auto rules = LoadRules(asked.file, environment);
  if (!rules) return rules.error();
  const auto rule = FindRule(*rules, asked.rule, asked.file);
  if (!rule) return rule.error();
  const auto labels = LabelsOf(client, asked.device);
  if (!labels) return labels.error();
  const auto effective = Resolve(*rule, asked.device, *labels);
  if (!effective) {
    return Error{Code::kNotFound, "rule " + asked.rule + " is not about device '" + asked.device +
                                      "': it matches " + Describe(rule->match)};
  }
  Print(SettingsOf(*rule, *effective), options, console);
  return {};
}

}  // namespace edgefeed
