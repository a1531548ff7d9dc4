#include "ctl/rules/value_notation.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

#include "common/base/text.h"

namespace edgefeed {
namespace {

// What one word stands for.
struct Run {
  std::optional<double> first;
  double step = 0;
  std::size_t count = 1;
};

std::optional<double> TakeNumber(std::string_view& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "x3" → 3.
std::optional<std::size_t> TakeTimes(std::string_view text) {
  if (!text.starts_with('x')) return std::nullopt;
  const auto times = ParseNumber<std::uint32_t>(text.substr(1));
  if (!times) return std::nullopt;
  return *times;
}

std::optional<Run> ParseMissing(std::string_view rest) {
  if (rest.empty()) return Run{};
  const auto times = TakeTimes(rest);
  if (!times) return std::nullopt;
  return Run{.first = {}, .count = *times};
}

std::optional<Run> ParseRun(std::string_view word) {
  if (word.starts_with('_')) return ParseMissing(word.substr(1));
  Run run;
  run.first = TakeNumber(word);
  if (!run.first) return std::nullopt;
  if (word.empty()) return run;
  if (word[0] == '+' || word[0] == '-') {
    const double sign = word[0] == '+' ? 1 : -1;
    word.remove_prefix(1);
    const auto step = TakeNumber(word);
    if (!step) return std::nullopt;
    run.step = sign * *step;
  }
  const auto times = TakeTimes(word);
  if (!times) return std::nullopt;
  run.count = *times + 1;  // The first one, and so many more.
  return run;
}

}  // namespace

Result<std::vector<std::optional<double>>> ParseValues(std::string_view text) {
  std::vector<std::optional<double>> values;
  while (const auto word = NextField(text)) {
    const auto run = ParseRun(*word);
    if (!run) {
      return Error{Code::kInvalidArgument,
                   "'" + std::string(*word) +
                       "' is not a value such as 5, 5x3, 0+10x3, 9-2x2, _ (missing) or _x3"};
    }
    if (run->count > kMaxSeriesValues - values.size()) {
      return Error{Code::kInvalidArgument, "'" + std::string(*word) + "' makes more than " +
                                               std::to_string(kMaxSeriesValues) + " values"};
    }
    for (std::size_t i = 0; i < run->count; ++i) {
      values.push_back(run->first ? std::optional(*run->first + run->step * static_cast<double>(i))
                                  : std::nullopt);
    }
  }
  return values;
}

}  // namespace edgefeed
