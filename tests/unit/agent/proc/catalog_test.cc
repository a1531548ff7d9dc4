#include <doctest/doctest.h>

#include <string>

#include "common/model/metrics.h"

namespace edgefeed {

TEST_CASE("every metric of the catalogue is found by its name") {
  CHECK(MetricCatalog().size() > 60);
  for (const MetricInfo* metric : MetricCatalog()) CHECK(FindMetric(metric->name) == metric);
  CHECK(FindMetric("load1") == &metrics::kLoad1);
  CHECK(FindMetric("load2") == nullptr);
  CHECK(FindMetric("") == nullptr);
}

TEST_CASE("the original headline fields are metrics that a rule can name") {
  REQUIRE(FindMetric("cpu_usage") != nullptr);
  CHECK(FindMetric("cpu_usage")->unit == Unit::kPercent);
  REQUIRE(FindMetric("memory_mb") != nullptr);
  CHECK(FindMetric("memory_mb")->unit == Unit::kMebibytes);
}

TEST_CASE("names follow Prometheus: _total on counters only, the unit as a suffix") {
  for (const MetricInfo* metric : MetricCatalog()) {
    CAPTURE(metric->name);
    std::string_view stem = metric->name;
    CHECK(stem.ends_with("_total") == (metric->kind == Kind::kCounter));
    if (stem.ends_with("_total")) stem.remove_suffix(std::string_view("_total").size());
    const bool headline = metric == &metrics::kCpuUsage || metric == &metrics::kMemoryMb;
    if (metric->unit != Unit::kNone && !headline) {
      CHECK(stem.ends_with("_" + std::string(UnitName(metric->unit))));
    }
    CHECK(metric->help.ends_with('.'));
  }
}

TEST_CASE("kinds and units have names") {
  CHECK(KindName(Kind::kCounter) == "counter");
  CHECK(KindName(Kind::kGauge) == "gauge");
  CHECK(UnitName(Unit::kNone).empty());
  CHECK(UnitName(Unit::kCelsius) == "celsius");
}

}  // namespace edgefeed
