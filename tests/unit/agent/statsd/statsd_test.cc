#include "agent/statsd/statsd.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

#include "common/base/clock.h"
#include "common/runtime/strand.h"
#include "tests/support/datagram_sender.h"
#include "tests/support/free_port.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using Values = std::map<std::string, double>;

struct Sink final : public SampleSink {
  void Accept(Sample sample) override { last = std::move(sample); }
  Sample last;
};

struct Bench {
  ~Bench() { Serve({}); }

  void Serve(const StatsdConfig& config) {
    RunOn(strand, [&] { statsd.Serve(config); });
  }
  // What the next sample has, with a reading of the machine in front.
  Values Sample() {
    Values values;
    RunOn(strand, [&] {
      edgefeed::Sample sample;
      sample.readings.push_back({machine, 0.5});
      statsd.Accept(std::move(sample));
      CHECK(sink.last.readings.front().series == machine);
      for (const auto& [id, value] : sink.last.readings) {
        CHECK(values.emplace(ToString(series[id]), value).second);
      }
    });
    return values;
  }
  StatsdCounts Counts() {
    StatsdCounts counts;
    RunOn(strand, [&] { counts = statsd.counts(); });
    return counts;
  }
  // Each look gives the strand a turn to read what has come.
  bool AwaitLines(std::uint64_t lines) {
    const SteadyTime deadline = clock.Steady() + std::chrono::seconds(20);
    std::uint64_t taken = 0;
    while (taken < lines && clock.Steady() < deadline) {
      taken = 0;
      for (const auto& application : Counts().applications) taken += application.lines;
    }
    return taken >= lines;
  }

  SystemClock clock;
  Strand strand{"core", clock};
  SeriesTable series{100};
  SeriesId machine = *series.Intern({"load1", {}});
  Sink sink;
  TempDir directory;
  std::filesystem::path path = directory.path() / "run" / "statsd.sock";
  std::uint16_t port = FreePort();
  StatsdConfig both{.listen = Endpoint{"127.0.0.1", port}, .socket = path};
  Statsd statsd{strand, sink, series};
};

TEST_CASE("nobody is listened to unless the configuration says so") {
  Bench bench;
  bench.Serve({});
  CHECK(bench.Sample() == Values{{"load1", 0.5}});
  CHECK_FALSE(bench.Counts().used);
}

TEST_CASE("what comes by both ways is in the next sample") {
  Bench bench;
  bench.Serve(bench.both);
  REQUIRE(DatagramSender(bench.port).Send("a.x:1|c\na.y:2|g\n"));
  REQUIRE(DatagramSender(bench.path).Send("a.x:4|c"));
  REQUIRE(bench.AwaitLines(3));
  CHECK(bench.Sample() == Values{{"load1", 0.5}, {"a_x_total", 5}, {"a_y", 2}});
  CHECK(bench.Counts().used);
  CHECK(bench.Counts().errors.empty());
}

TEST_CASE("of a datagram that is too long the whole lines are taken, and the rest is counted") {
  Bench bench;
  bench.Serve(bench.both);
  const std::string rest(DatagramSocket::kMostBytes, '1');
  REQUIRE(DatagramSender(bench.path).Send("a.x:1|c\na.y:" + rest + "|c"));
  REQUIRE(DatagramSender(bench.path).Send("a.z:" + rest + "|c"));
  REQUIRE(DatagramSender(bench.path).Send("a.x:1|c"));
  REQUIRE(bench.AwaitLines(2));
  CHECK(bench.Counts().applications.front().dropped.front() == 2);
  CHECK(bench.Sample() == Values{{"load1", 0.5}, {"a_x_total", 2}});
}

TEST_CASE(
    "another configuration changes where it listens and what may come, and keeps the values") {
  Bench bench;
  bench.Serve(bench.both);
  REQUIRE(DatagramSender(bench.path).Send("a.x:1|c"));
  REQUIRE(bench.AwaitLines(1));
  StatsdConfig changed = bench.both;
  changed.listen.reset();
  changed.max_series = 1;
  bench.Serve(changed);
  REQUIRE(DatagramSender(bench.path).Send("a.y:1|c\na.x:1|c"));
  REQUIRE(bench.AwaitLines(2));
  CHECK(bench.Sample() == Values{{"load1", 0.5}, {"a_x_total", 2}});
  Bench other;  // The port is free.
  other.Serve({.listen = Endpoint{"127.0.0.1", bench.port}});
  CHECK(other.Counts().errors.empty());
  bench.Serve({});
  CHECK_FALSE(std::filesystem::exists(bench.path));
  CHECK(bench.Sample().at("a_x_total") == 2);
}

TEST_CASE("where it cannot listen it says so, and tries again with the next configuration") {
  Bench bench;
  std::filesystem::create_directories(bench.path.parent_path());
  std::ofstream(bench.path) << "precious";
  Bench holder;
  holder.Serve({.listen = Endpoint{"127.0.0.1", bench.port}});
  bench.Serve(bench.both);
  REQUIRE(bench.Counts().errors.size() == 2);
  CHECK(bench.Counts().errors[0].ends_with("(statsd.listen)"));
  CHECK(bench.Counts().errors[1].ends_with("(statsd.socket)"));
  holder.Serve({});
  std::filesystem::remove(bench.path);
  bench.Serve(bench.both);
  CHECK(bench.Counts().errors.empty());
  CHECK(DatagramSender(bench.path).Send("a.x:1|c"));
}

}  // namespace
}  // namespace edgefeed
