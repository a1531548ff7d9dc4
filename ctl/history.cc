#include "ctl/history.h"

#include <unistd.h>

#include "common/base/round_step.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "ctl/render/history_report.h"
#include "ctl/render/history_text.h"
#include "ctl/render/plot.h"
#include "ctl/terminal/terminal.h"

namespace edgefeed {
namespace {

void PrintJson(const std::vector<PastSeries>& past, std::ostream& out) {
  for (const PastSeries& series : past) {
    for (const PastValue& value : series.values) out << value.json << '\n';
  }
}

// Not an error, and not on standard output: there is nothing.
void TellOfNothing(const PastQuery& query, std::ostream& err) {
  err << "edgefeedctl: " << SafeText(query.device) << " has no samples from "
      << FormatTime(query.from) << " to " << FormatTime(query.to) << '\n';
}

}  // namespace

Status RunHistory(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                  Console& console) {
  const HistoryOptions& history = options.history;
  const WallTime now = clock.Wall();
  PastQuery query{.device = history.device,
                  .metric = history.metric,
                  .labels = history.labels,
                  .from = history.from.At(now),
                  .to = history.to.At(now)};
  if (query.from >= query.to) {
    return Error{Code::kInvalidArgument, "--from " + FormatTime(query.from) +
                                             " is not before --to " + FormatTime(query.to)};
  }
  const bool plots = console.out_is_terminal && !options.json && !history.csv;
  const ScreenSize size = plots ? TerminalSize(STDOUT_FILENO) : ScreenSize{};
  const auto resolution = static_cast<std::int64_t>(PlotResolution(size.columns, console.glyphs));
  const auto fitting = RoundStepAtMost((query.to - query.from) / resolution);
  query.step = history.step.value_or(plots ? fitting : std::chrono::milliseconds(0));

  const auto past = client.GetHistory(query);
  if (!past) return past.error();
  if (past->empty()) TellOfNothing(query, console.err);
  if (options.json) {
    PrintJson(*past, console.out);
  } else if (history.csv) {
    PrintHistoryCsv(*past, console.out);
  } else if (!plots) {
    PrintHistoryLines(*past, query.step, console.out);
  } else {
    for (const Line& line : HistoryReport(query, *past, size, console.glyphs)) {
      console.out << RenderLine(line, console.colour, size.columns) << '\n';
    }
  }
  return {};
}

}  // namespace edgefeed
