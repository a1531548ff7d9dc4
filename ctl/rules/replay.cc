#include "ctl/rules/replay.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "ctl/render/replay_report.h"
#include "ctl/rules/dry_run.h"
#include "ctl/rules/firing_log.h"
#include "ctl/rules/past_samples.h"
#include "ctl/rules/rule_source.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr auto kWindow = 1h;
// Shown in a table; all are counted, and --json has all.
constexpr std::size_t kMostFirings = 10'000;

struct TimeSpan {
  WallTime from;
  WallTime to;
};

// What the rules are about, and cpu_usage: all samples have it, so it says when there was one.
std::vector<std::string> MetricsOf(const std::vector<Rule>& rules) {
  std::set<std::string> metrics = {"cpu_usage"};
  for (const Rule& rule : rules) metrics.insert(rule.metric);
  return {metrics.begin(), metrics.end()};
}

Result<std::vector<DeviceEntry>> ChooseDevices(CollectorClient& client,
                                               const std::vector<std::string>& names) {
  auto all = client.ListDevices();
  if (!all || names.empty()) return all;
  std::vector<DeviceEntry> chosen;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(*all, name, &DeviceEntry::name);
    if (found == all->end()) {
      return Error{Code::kNotFound,
                   "device '" + name + "' is not known (edgefeedctl devices lists the names)"};
    }
    chosen.push_back(*found);
  }
  return chosen;
}

class Replay {
 public:
  Replay(CollectorClient& client, const CtlOptions& options, std::vector<Rule> rules, TimeSpan span,
         const Clock& clock, Console& console)
      : client_(client),
        options_(options),
        rules_(std::move(rules)),
        metrics_(MetricsOf(rules_)),
        span_(span),
        clock_(clock),
        console_(console),
        log_(rules_, span.to) {}

  Status Run(const std::vector<DeviceEntry>& devices) {
    for (const DeviceEntry& device : devices) {
      Status judged = Judge(device, devices.size());
      if (!judged) {
        ClearProgress();
        return judged;
      }
      ++done_;
    }
    ClearProgress();
    Report();
    return {};
  }

 private:
  Status Judge(const DeviceEntry& device, std::size_t of) {
    DryRun judge(rules_, device.name, device.info ? device.info->labels : Labels{});
    std::size_t coarse_values = 0;
    for (WallTime from = span_.from; from < span_.to; from += kWindow) {
      ShowProgress(device.name, from, of);
      const auto past = ReadPastSamples(client_, device.name, metrics_, from,
                                        std::min<WallTime>(from + kWindow, span_.to));
      if (!past) return past.error();
      samples_ += past->samples.size();
      coarse_values += past->coarse_values;
      for (const PastSample& sample : past->samples) {
        for (const RuleChange& change : judge.Observe(sample.time, sample.values)) {
          if (auto ended = log_.Take(device.name, change)) Keep(*std::move(ended));
        }
      }
    }
    for (Firing& open : log_.TakeOpen()) Keep(std::move(open));
    if (coarse_values > 0) coarse_devices_.push_back(device.name);
    return {};
  }

  void Keep(Firing firing) {
    if (options_.json) {
      console_.out << FiringJson(firing, log_.LengthOf(firing)) << '\n';
    } else if (firings_.size() < kMostFirings) {
      firings_.push_back(std::move(firing));
    } else {
      ++not_shown_;
    }
  }

  void Report() {
    if (!coarse_devices_.empty()) {
      console_.err << "edgefeedctl: of part of this time only minutes or hours are kept, of "
                   << SafeText(coarse_devices_.front());
      if (coarse_devices_.size() > 1) {
        console_.err << " and " << coarse_devices_.size() - 1 << " more";
      }
      console_.err << ": judged by their means, so that what was shorter is not seen\n";
    }
    if (options_.json) return;
    std::ranges::stable_sort(firings_, {}, &Firing::fired);
    console_.out << RenderLines(FiringTable(firings_, log_), console_.colour);
    if (not_shown_ > 0) console_.out << "… and " << not_shown_ << " more (--json has all)\n";
    if (!firings_.empty()) console_.out << '\n';
    console_.out << RenderLines(TotalsTable(log_.totals()), console_.colour) << done_
                 << (done_ == 1 ? " device, " : " devices, ") << samples_ << " samples from "
                 << FormatTime(span_.from) << " to " << FormatTime(span_.to) << '\n';
  }

  void ShowProgress(const std::string& device, WallTime at, std::size_t of) {
    if (!console_.err_is_terminal) return;
    const SteadyTime now = clock_.Steady();
    if (drawn_ && now - *drawn_ < 100ms) return;
    drawn_ = now;
    console_.err << '\r' << SafeText(device).substr(0, 30) << " (" << done_ + 1 << " of " << of
                 << ")  " << FormatTime(at).substr(0, 16) << "\x1b[K" << std::flush;
  }

  void ClearProgress() {
    if (std::exchange(drawn_, std::nullopt)) console_.err << "\r\x1b[K" << std::flush;
  }

  CollectorClient& client_;
  const CtlOptions& options_;
  const std::vector<Rule> rules_;
  const std::vector<std::string> metrics_;
  const TimeSpan span_;
  const Clock& clock_;
  Console& console_;
  FiringLog log_;
  std::vector<Firing> firings_;
  std::size_t not_shown_ = 0;
  std::vector<std::string> coarse_devices_;
  std::size_t samples_ = 0;
  std::size_t done_ = 0;
  std::optional<SteadyTime> drawn_;
};

}  // namespace

Status RunRulesReplay(CollectorClient& client, const CtlOptions& options,
                      const Environment& environment, const Clock& clock, Console& console) {
  const RulesOptions& replay = options.rules;
  auto rules = LoadRules(replay.replay_file, environment);
  if (!rules) return rules.error();
  const WallTime now = clock.Wall();
  const TimeSpan span{.from = replay.from.At(now), .to = replay.to.At(now)};
  if (span.from >= span.to) {
    return Error{Code::kInvalidArgument,
                 "--from " + FormatTime(span.from) + " is not before --to " + FormatTime(span.to)};
  }
  const auto devices = ChooseDevices(client, replay.devices);
  if (!devices) return devices.error();
  return Replay(client, options, *std::move(rules), span, clock, console).Run(*devices);
}

}  // namespace edgefeed
