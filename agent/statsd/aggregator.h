#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/statsd/application_series.h"
#include "agent/statsd/line.h"
#include "agent/statsd/statsd_config.h"
#include "agent/statsd/statsd_counts.h"
#include "common/base/allowance.h"
#include "common/base/clock.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// Turns the lines of applications into series of the agent's samples. Whatever comes, it holds at
// most what the limits say, and counts what it does not take. A line costs two look-ups, one over
// the rate only the first. Not thread-safe.
//
// An application is the first part of a name, up to its first dot. The first 32 that send a good
// line have limits and counts of their own, the others share those of "other"; one that is idle, of
// which no line was dropped and which has not named more than its share, makes room.
class Aggregator {
 public:
  static constexpr std::size_t kMostApplications = 32;
  // Series that applications can name while the agent runs: its SeriesTable forgets nothing. One
  // application can use half of them up.
  static constexpr std::size_t kMostNames = 1024;
  static constexpr std::size_t kMostNamesOfOne = kMostNames / 2;
  static constexpr std::size_t kNamesToRemember = kMostNames / kMostApplications;

  // `series` must outlive it.
  Aggregator(SeriesTable& series, StatsdConfig limits)
      : table_(series), limits_(std::move(limits)) {}

  // For what comes from now on.
  void SetLimits(const StatsdConfig& limits) { limits_ = limits; }

  // The lines of a datagram.
  void Take(std::string_view datagram, SteadyTime now);
  // A line that came without its end.
  void TakeCut(std::string_view line);

  // Adds what applications have said, and forgets what was not heard of for `forget_after`: a
  // counter that comes again starts at zero.
  void AddTo(std::vector<Reading>& readings, SteadyTime now);

  // Adds what it knows.
  void Describe(StatsdCounts& counts) const;

 private:
  struct Application {
    Allowance allowance;
    StatsdApplicationCounts counts;
    std::size_t series = 0;  // Now.
    std::size_t names = 0;   // That it brought to the table.
    SteadyTime last;         // That a line was taken.
  };
  struct Known {
    ApplicationSeries series;
    Application* application = nullptr;
    std::size_t bytes = 0;
  };
  using Key = Series;  // Named as MetricNamesOf() wants it.
  using KnownSeries = std::map<Key, Known>;
  // What a new name would bring.
  struct Plan {
    std::vector<Series> series;
    std::size_t new_names = 0;  // Of them, to the table.
    std::size_t new_bytes = 0;  // For ever; the others until it is forgotten.
    std::size_t bytes = 0;
  };

  void TakeLine(std::string_view line, SteadyTime now);
  // Why the line is not taken.
  std::optional<StatsdDrop> Accept(const StatsdLine& line, Application& application,
                                   SteadyTime now);
  std::variant<KnownSeries::iterator, StatsdDrop> Create(Key key, StatsdType type,
                                                         Application& application);
  [[nodiscard]] std::variant<Plan, StatsdDrop> PlanFor(const Key& key, StatsdType type) const;
  [[nodiscard]] std::optional<StatsdDrop> Refuse(const Plan& plan,
                                                 const Application& application) const;
  Application& Find(const std::string& name);
  Application& FindOrAdd(const std::string& name);
  KnownSeries::iterator Forget(KnownSeries::iterator known);
  void ForgetApplications(SteadyTime now);
  static void Count(Application& application, StatsdDrop why);

  SeriesTable& table_;
  StatsdConfig limits_;
  std::map<std::string, Application> applications_;
  Application other_{.counts = {.name = "other"}};
  KnownSeries known_;
  std::set<SeriesId> in_use_;  // Of all that are known.
  std::size_t series_bytes_ = 0;
  std::size_t names_ = 0;
  std::size_t names_bytes_ = 0;
};

}  // namespace edgefeed
