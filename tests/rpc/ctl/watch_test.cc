#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGTERM is there.

#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"

namespace edgefeed {
namespace {

const Error kRestarting{Code::kUnavailable, "the collector restarts"};

TEST_CASE("watch in a pipe prints a line an update and ends after --count") {
  const FakeCollector collector(
      {.episodes = {{.updates = {Update("cam-01", 10), Update("cam-02", 20)}}}});

  const Outcome outcome =
      RunProgram({"--collector", collector.address(), "watch", "--count", "2", "--interval", "2s"});

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err == "");
  const auto lines = LinesOf(outcome.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == "2023-11-14 22:13:20 UTC  cam-02  cpu  20.0 %  memory  812.0 MiB");
  REQUIRE(collector.subscribe_requests().size() == 1);
  CHECK(collector.subscribe_requests()[0].interval_ms() == 2000);
  CHECK(collector.subscribe_requests()[0].detail() == telemetry::MetricsRequest::HEADLINE);
}

TEST_CASE("watch --json prints each update as it came") {
  const FakeCollector collector({.episodes = {{.updates = {FullUpdate("cam-01")}}}});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "--json", "watch",
                                      "cam-01", "--readings", "--count", "1"});

  CHECK(outcome.exit_code == 0);
  telemetry::MetricsResponse read;
  REQUIRE(google::protobuf::util::JsonStringToMessage(outcome.out, &read).ok());
  CHECK(google::protobuf::util::MessageDifferencer::Equals(read, FullUpdate("cam-01")));
  CHECK(collector.subscribe_requests()[0].service_name() == "cam-01");
  CHECK(collector.subscribe_requests()[0].detail() == telemetry::MetricsRequest::READINGS);
}

TEST_CASE("watch goes on after the collector has gone away, and says so") {
  const FakeCollector collector(
      {.episodes = {{.updates = {Update("cam-01", 10)}, .end = kRestarting},
                    {.updates = {Update("cam-01", 20)}}}});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "watch", "--count", "2"});

  CHECK(outcome.exit_code == 0);
  CHECK(LinesOf(outcome.out).size() == 2);
  const auto notes = LinesOf(outcome.err);
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].starts_with("edgefeedctl: connection lost, trying again: "));
  CHECK(notes[0].find("the collector restarts") != std::string::npos);
  CHECK(notes[1] == "edgefeedctl: connected again");
}

TEST_CASE("watch --no-reconnect fails when the collector goes away") {
  const FakeCollector collector(
      {.episodes = {{.updates = {Update("cam-01", 10)}, .end = kRestarting}}});

  const Outcome outcome =
      RunProgram({"--collector", collector.address(), "watch", "--no-reconnect"});

  CHECK(outcome.exit_code == 1);
  CHECK(LinesOf(outcome.out).size() == 1);
  CHECK(outcome.err.find("the collector restarts") != std::string::npos);
}

TEST_CASE("watch of an unknown device fails") {
  const FakeCollector collector(
      {.episodes = {{.end = Error{Code::kNotFound, "device x was never seen"}}}});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "watch", "x"});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err.starts_with("edgefeedctl: device x was never seen"));
}

TEST_CASE("watch in a terminal draws a table that fits, and gives the screen back") {
  CollectorScript script;
  script.episodes.emplace_back();
  for (int i = 0; i < 9; ++i) {
    script.episodes[0].updates.push_back(Update("cam-0" + std::to_string(i), 50));
  }
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const FakeCollector collector(script);
    TerminalProgram watch({"--collector", collector.address(), "watch"}, 100, 24);
    watch.AwaitOutput("\x1b[?1049h");
    watch.AwaitOutput("cam-08");
    watch.AwaitOutput("▅");

    watch.Resize(100, 6);
    watch.AwaitOutput("+7 more");
    watch.Signal(signal);
    const Outcome outcome = watch.Finish();

    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out.ends_with("\x1b[?25h\x1b[?1049l"));
  }
}

TEST_CASE("a watch that fails in a terminal gives the screen back before it says why") {
  const FakeCollector collector(
      {.episodes = {{.end = Error{Code::kNotFound, "device x was never seen"}}}});
  TerminalProgram watch({"--collector", collector.address(), "watch", "x"}, 100, 24);

  watch.AwaitOutput("\x1b[?1049l");
  watch.AwaitOutput("edgefeedctl: device x was never seen");

  CHECK(watch.Finish().exit_code == 1);
}

}  // namespace
}  // namespace edgefeed
