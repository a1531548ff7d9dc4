#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/statsd/line.h"
#include "common/base/clock.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// The metrics that a name of this type becomes, in the order of ApplicationSeries' ids:
//   counter    NAME_total
//   gauge      NAME
//   timer      NAME_seconds_count, _sum, _mean, _max
//   histogram  NAME_count, _sum, _mean, _max
// A suffix that the name has already is not added again. `name`: as PlainName makes it.
std::vector<std::string> MetricNamesOf(const std::string& name, StatsdType type);

// What an application has said of one name with its labels.
class ApplicationSeries {
 public:
  // `ids`: of MetricNamesOf().
  ApplicationSeries(StatsdType type, std::vector<SeriesId> ids)
      : type_(type), ids_(std::move(ids)) {}

  // False: the result would be no finite number, and nothing has changed.
  [[nodiscard]] bool Take(const StatsdLine& line, SteadyTime now);
  // What it is as of now. Begins the next interval: mean and maximum are those of the values since
  // the last call, and are left out when there were none.
  void AddTo(std::vector<Reading>& readings);

  [[nodiscard]] StatsdType type() const { return type_; }
  [[nodiscard]] const std::vector<SeriesId>& ids() const { return ids_; }
  [[nodiscard]] SteadyTime last() const { return last_; }

 private:
  [[nodiscard]] bool TakeTimed(double value, double weight);

  // Values since the last sample.
  struct Interval {
    double count = 0;
    double sum = 0;
    double max = 0;
  };

  StatsdType type_;
  std::vector<SeriesId> ids_;
  SteadyTime last_;
  double count_ = 0;  // Of values.
  double value_ = 0;  // Of a counter the total, of a gauge its value, of the others the sum.
  Interval interval_;
};

}  // namespace edgefeed
