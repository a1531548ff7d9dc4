#include "collector/rules/condition_id.h"

#include <spdlog/fmt/fmt.h>

#include <string>

#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

std::string Describe(const Rule& rule) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", rule.name,
                     ToString(Series{.metric = rule.metric, .labels = rule.labels}),
                     static_cast<int>(rule.kind), FunctionName(rule.function), rule.window.count(),
                     static_cast<int>(rule.comparison));
}

std::string Describe(const RuleLevel& level) {
  return fmt::format("{} {} {} {} {}\n", SeverityName(level.severity), level.threshold,
                     level.clear ? fmt::format("{}", *level.clear) : "-", level.hold.count(),
                     level.keep_firing.count());
}

}  // namespace

bool SameCondition(const Rule& a, const Rule& b) {
  return a.name == b.name && a.metric == b.metric && a.kind == b.kind && a.labels == b.labels &&
         a.function == b.function && a.window == b.window && a.comparison == b.comparison;
}

std::uint64_t ConditionId(const Rule& rule, const std::vector<RuleLevel>& levels) {
  std::string text = Describe(rule);
  for (const RuleLevel& level : levels) text += Describe(level);
  const Sha256Digest digest = Sha256Of(text);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < sizeof(id); ++i) id = (id << 8U) | digest[i];
  return id;
}

}  // namespace edgefeed
