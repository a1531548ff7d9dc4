#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"

namespace edgefeed {
namespace {

using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageDifferencer;

TEST_CASE("devices prints a table") {
  const FakeCollector collector({.devices = {KnownDevice("cam-01"), KnownDevice("cam-02")}});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "devices"});

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err == "");
  const auto lines = LinesOf(outcome.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("NAME    STATE   ADDRESS"));
  CHECK(lines[2].starts_with("cam-02  online  10.0.0.7:41234  95.5 %  2.0 GiB"));
  CHECK(lines[2].ends_with("CPU_HIGH"));
}

TEST_CASE("devices --json prints each device as it came") {
  const FakeCollector collector({.devices = {KnownDevice("cam-01"), KnownDevice("cam-02")}});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "devices", "--json"});

  CHECK(outcome.exit_code == 0);
  const auto lines = LinesOf(outcome.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("\"service_name\":\"cam-01\"") != std::string::npos);
  Device read;
  REQUIRE(JsonStringToMessage(lines[1], &read).ok());
  CHECK(MessageDifferencer::Equals(read, KnownDevice("cam-02")));
}

TEST_CASE("devices --names prints names") {
  const FakeCollector collector({.devices = {KnownDevice("cam-01"), KnownDevice("cam-02")}});

  const Outcome outcome =
      RunProgram({"devices", "--names"}, "", {"EDGEFEED_COLLECTOR=" + collector.address()});

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "cam-01\ncam-02\n");
}

TEST_CASE("snapshot prints everything about a device") {
  const FakeCollector collector({.snapshot = FullUpdate("cam-01")});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "snapshot", "cam-01"});

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.starts_with("cam-01\n"));
  CHECK(outcome.out.find("Debian GNU/Linux 12") != std::string::npos);
  CHECK(outcome.out.find("disk_read_bytes_total  device=sda  3.0 MiB") != std::string::npos);
  CHECK(outcome.out.find('\x1b') == std::string::npos);
}

TEST_CASE("snapshot --json prints the response") {
  const FakeCollector collector({.snapshot = FullUpdate("cam-01")});

  const Outcome outcome =
      RunProgram({"--collector", collector.address(), "--json", "snapshot", "cam-01"});

  CHECK(outcome.exit_code == 0);
  REQUIRE(LinesOf(outcome.out).size() == 1);
  telemetry::MetricsResponse read;
  REQUIRE(JsonStringToMessage(outcome.out, &read).ok());
  CHECK(MessageDifferencer::Equals(read, FullUpdate("cam-01")));
}

TEST_CASE("an unknown device is an error that names it") {
  const FakeCollector collector({.snapshot = FullUpdate("cam-01")});

  const Outcome outcome = RunProgram({"--collector", collector.address(), "snapshot", "cam-9"});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.out == "");
  CHECK(outcome.err ==
        "edgefeedctl: device cam-9 was never seen (edgefeedctl devices lists the names)\n");
}

TEST_CASE("a collector that is not there is named, and the option that names another") {
  for (const char* command : {"devices", "watch"}) {
    CAPTURE(command);
    const Outcome outcome = RunProgram({"--collector", "127.0.0.1:1", command});

    CHECK(outcome.exit_code == 1);
    CHECK(outcome.out == "");
    CHECK(outcome.err ==
          "edgefeedctl: cannot reach the collector at 127.0.0.1:1: Connection refused (is it "
          "running there? --collector HOST:PORT names another)\n");
  }
}

}  // namespace
}  // namespace edgefeed
