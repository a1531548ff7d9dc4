#include "agent/app/estimate_report.h"

#include <doctest/doctest.h>

#include <sstream>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using doctest::Contains;

constexpr MessageSizes kSizes{
    .first_sample = 418, .further_sample = 70, .ping = 8, .hello = 146, .series_names = 4800};

std::vector<std::chrono::milliseconds> Intervals(const LinkTerms& terms) {
  std::vector<std::chrono::milliseconds> intervals;
  for (const auto& row : MakeEstimate(120, kSizes, terms).rows) {
    intervals.push_back(row.batch_interval);
  }
  return intervals;
}

}  // namespace

TEST_CASE("the longer batch intervals that would change something are estimated too") {
  using Milliseconds = std::vector<std::chrono::milliseconds>;
  CHECK(Intervals({.sample_interval = 1s}) == Milliseconds{0s, 10s, 1min});
  CHECK(Intervals({.sample_interval = 1s, .batch_interval = 10s}) == Milliseconds{10s, 1min});
  CHECK(Intervals({.sample_interval = 30s}) == Milliseconds{0s, 1min});
  CHECK(Intervals({.sample_interval = 1h}) == Milliseconds{0s});
}

TEST_CASE("a table says what it is made of, a day and a month") {
  std::ostringstream out;
  PrintEstimate(MakeEstimate(120, kSizes, {.sample_interval = 1s}), "agent.yaml", out);
  const std::string text = out.str();
  const doctest::String table = text.c_str();
  CHECK(table == Contains("120 values: 418 bytes alone, 70 more"));
  CHECK(table == Contains("messages               86400     44.2 MiB      6.4 MiB\n"));
  CHECK(table == Contains("acknowledgements       21600      2.7 MiB      3.8 MiB\n"));
  CHECK(table == Contains("0s                     86400     46.8 MiB     10.2 MiB      1.7 GiB\n"));
  CHECK(table == Contains("1m                      1440"));
  CHECK(table == Contains("agent.yaml as it is"));
}

TEST_CASE("for programs there is an object a line") {
  std::ostringstream out;
  PrintEstimateJson(MakeEstimate(120, kSizes, {.sample_interval = 1h}), out);
  const std::string text = out.str();
  CHECK(text.starts_with(R"({"batch_interval_ms":0,"values_per_sample":120,"sample_bytes":418.0,)"
                         R"("further_sample_bytes":70.0,"messages_a_day":24,"sent_bytes_a_day":)"));
  CHECK(text.ends_with("}\n"));
}

}  // namespace edgefeed
