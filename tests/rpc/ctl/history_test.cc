#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>

#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"

namespace edgefeed {
namespace {

CollectorScript TwoPages() {
  return {.history = {PastSamples(0, "cpu_usage", 0, 2), PastSamples(0, "cpu_usage", 2, 1)}};
}

TEST_CASE("history in a pipe prints a time and a value a line") {
  const FakeCollector collector(TwoPages());

  const Outcome outcome = RunProgram({"--collector", collector.address(), "history", "cam-01"});

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out ==
        "2023-11-14T22:13:20.000Z 0\n"
        "2023-11-14T22:13:21.000Z 1\n"
        "2023-11-14T22:13:22.000Z 2\n");
  const HistoryRequest request = collector.history_request();
  CHECK(request.service_name() == "cam-01");
  CHECK(request.metric() == "cpu_usage");
  CHECK(request.to_ms() - request.from_ms() == 3'600'000);
  CHECK(request.step_ms() == 0);
}

TEST_CASE("history asks for what its options say") {
  const FakeCollector collector(TwoPages());

  const Outcome outcome = RunProgram({"--collector", collector.address(), "history", "cam-01",
                                      "--metric", "disk", "--label", "device=sda", "--from", "-2h",
                                      "--to", "-1h", "--step", "1m", "--csv"});

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.starts_with("time,series,value,min,max,sum,count,last\r\n"));
  const HistoryRequest request = collector.history_request();
  CHECK(request.metric() == "disk");
  REQUIRE(request.labels_size() == 1);
  CHECK(request.labels(0).name() == "device");
  CHECK(request.labels(0).value() == "sda");
  CHECK(request.to_ms() - request.from_ms() == 3'600'000);
  CHECK(request.step_ms() == 60'000);
}

TEST_CASE("history --json prints each point as it came, with its series") {
  CollectorScript script = TwoPages();
  HistoryResponse step = PastSamples(1, "memory_mb", 0, 1);
  auto* bucket = step.mutable_points(0)->mutable_bucket();
  bucket->set_max(7);
  bucket->set_count(3);
  script.history.insert(script.history.begin() + 1, step);
  const FakeCollector collector(std::move(script));

  const Outcome outcome =
      RunProgram({"--collector", collector.address(), "--json", "history", "cam-01"});

  CHECK(outcome.exit_code == 0);
  const auto lines = LinesOf(outcome.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] ==
        R"({"series":{"metric":"cpu_usage","labels":[]},"time_ms":"1700000002000","value":2})");
  CHECK(lines[3] == R"({"series":{"metric":"memory_mb","labels":[]},"time_ms":"1700000000000",)"
                    R"("bucket":{"min":0,"max":7,"sum":0,"count":"3","last":0}})");
}

TEST_CASE("history in a terminal is a plot in colour") {
  const FakeCollector collector(TwoPages());
  TerminalProgram program({"--collector", collector.address(), "history", "cam-01", "--from",
                           "1700000000", "--to", "1700000060"},
                          60, 24);
  const Outcome outcome = program.Finish();

  CHECK(outcome.exit_code == 0);
  const auto lines = LinesOf(outcome.out);
  REQUIRE(lines.size() == 17);
  CHECK(lines[0].find("cam-01  cpu_usage") != std::string::npos);
  CHECK(outcome.out.find("\x1b[32m") != std::string::npos);
  CHECK(outcome.out.find("22:13:20") != std::string::npos);
  CHECK(outcome.out.find("3 samples") != std::string::npos);
}

TEST_CASE("a history that ends early prints nothing but why") {
  CollectorScript script = TwoPages();
  script.history_end =
      Error{Code::kResourceExhausted, "more than 2 points; a step of 5s would fit"};
  const FakeCollector collector(std::move(script));

  const Outcome outcome = RunProgram({"--collector", collector.address(), "history", "cam-01"});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.out == "");
  CHECK(outcome.err == "edgefeedctl: more than 2 points; a step of 5s would fit\n");
}

TEST_CASE("a collector that sends points without a name is not believed") {
  const FakeCollector collector({.history = {PastSamples(3, "", 1, 1)}});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "history", "cam-01"});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err == "edgefeedctl: the collector sends points of a series without a name\n");
}

}  // namespace
}  // namespace edgefeed
