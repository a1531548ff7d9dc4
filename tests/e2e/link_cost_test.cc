// What a feed costs on the link: told beforehand, measured by the agent, and seen by the network.

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "agent/proc/tcp_usage.h"
#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/faulty_proxy.h"

namespace edgefeed::e2e {
namespace {

using doctest::Approx;

constexpr double kSamplesADay = 864'000;  // At the rig's 100 ms.

struct Cost {
  double samples = 0;
  double sent_bytes = 0;
  double received_bytes = 0;

  [[nodiscard]] double bytes_per_sample() const { return (sent_bytes + received_bytes) / samples; }
};
Cost operator-(const Cost& a, const Cost& b) {
  return {a.samples - b.samples, a.sent_bytes - b.sent_bytes, a.received_bytes - b.received_bytes};
}

// What the agent has measured of itself, as its newest sample says.
Cost MeasuredBy(const std::string& device, const RunningCollector& collector) {
  telemetry::MetricsResponse response;
  if (!Snapshot(Connect(collector.address()), device, response).ok()) return {};
  const auto value = [&](std::string_view metric) {
    const auto found = std::ranges::find(response.readings(), metric, [](const auto& reading) {
      return std::string_view(reading.series().metric());
    });
    REQUIRE(found != response.readings().end());
    return found->value();
  };
  return {.samples = value("agent_samples_collected_total"),
          .sent_bytes = value("agent_network_transmit_bytes_total"),
          .received_bytes = value("agent_network_receive_bytes_total")};
}

// The same from the other end: what the proxy's socket to the agent has received and sent.
Cost SeenBy(const FaultyProxy& proxy) {
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  Cost cost;
  for (int fd = 0; fd < static_cast<int>(descriptors.rlim_cur); ++fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
    if (address.sin_family != AF_INET || ntohs(address.sin_port) != proxy.port()) continue;
    const auto usage = ReadTcpUsage(fd);
    if (!usage) continue;
    cost.sent_bytes += static_cast<double>(usage->received_bytes);
    cost.received_bytes += static_cast<double>(usage->sent_bytes);
  }
  return cost;
}

// What `--estimate` says of a sample, without the connects.
double EstimatedBytesPerSample(const std::string& config) {
  const TempDir directory;
  const auto file = directory.Write("agent.yaml", config);
  const auto program = Run("edgefeed-agent", {"--estimate", "--json", "--config", file.string()});
  REQUIRE(program->Wait(kPatience) == 0);
  const std::string told = program->Output(Stream::kStdout);
  const auto number = [&](std::string_view key) {
    const auto at = told.find("\"" + std::string(key) + "\":");
    REQUIRE(at != std::string::npos);
    return std::strtod(told.c_str() + at + key.size() + 3, nullptr);
  };
  return (number("sent_bytes_a_day") + number("received_bytes_a_day") -
          number("connect_sent_bytes") - number("connect_received_bytes")) /
         kSamplesADay;
}

// An agent that feeds through a network of its own.
class MeteredAgent {
 public:
  MeteredAgent(std::string name, std::string more, const RunningCollector& collector)
      : name_(std::move(name)),
        more_(std::move(more)),
        collector_(collector),
        proxy_(collector.port()),
        agent_({.name = name_,
                .collector = "127.0.0.1:" + std::to_string(proxy_.port()),
                .more = more_}) {}

  // Later than the connect, with all that it costs.
  void Begin() {
    REQUIRE(Await([&] { return Measured().samples >= 30; }));
    first_measured_ = Measured();
    first_seen_ = SeenBy(proxy_);
    first_forwarded_ = proxy_.forwarded_bytes();
  }
  [[nodiscard]] bool HasMeasured(double samples) const {
    return Measured().samples >= first_measured_.samples + samples;
  }
  // An estimate is of one second, and what else the machine does changes a sample's size: what is
  // compared with the measured is the mean of many.
  void Estimate() {
    estimates_bytes_ +=
        EstimatedBytesPerSample("service_name: " + name_ + "\nsample_interval: 100ms\n" + more_);
    ++estimates_;
  }
  void End() {
    measured_ = Measured() - first_measured_;
    seen_ = SeenBy(proxy_) - first_seen_;
    forwarded_bytes_ = static_cast<double>(proxy_.forwarded_bytes() - first_forwarded_);
  }

  [[nodiscard]] double estimated_bytes_per_sample() const { return estimates_bytes_ / estimates_; }
  [[nodiscard]] const Cost& measured() const { return measured_; }
  [[nodiscard]] const Cost& seen() const { return seen_; }
  [[nodiscard]] double forwarded_bytes() const { return forwarded_bytes_; }

 private:
  [[nodiscard]] Cost Measured() const { return MeasuredBy(name_, collector_); }

  const std::string name_;
  const std::string more_;
  const RunningCollector& collector_;
  FaultyProxy proxy_;
  RunningAgent agent_;
  Cost first_measured_;
  Cost measured_;
  Cost first_seen_;
  Cost seen_;
  std::uint64_t first_forwarded_ = 0;
  double estimates_bytes_ = 0;
  int estimates_ = 0;
  double forwarded_bytes_ = 0;
};

TEST_CASE("a running agent measures what its feed costs, as --estimate has told") {
  const RunningCollector collector("rules: []");  // An alert would be a message more.
  MeteredAgent alone("alone", "", collector);
  MeteredAgent together("together", "batch_interval: 2s", collector);
  alone.Begin();
  together.Begin();
  do {
    alone.Estimate();
    together.Estimate();
  } while (!alone.HasMeasured(200) || !together.HasMeasured(200));
  alone.End();
  together.End();
  const double alone_estimated = alone.estimated_bytes_per_sample();
  const double together_estimated = together.estimated_bytes_per_sample();

  // The network was looked at some samples later than the agent.
  CHECK(alone.measured().sent_bytes == Approx(alone.seen().sent_bytes).epsilon(0.05));
  CHECK(alone.measured().received_bytes == Approx(alone.seen().received_bytes).epsilon(0.05));
  CHECK(alone.measured().sent_bytes + alone.measured().received_bytes > alone.forwarded_bytes());

  MESSAGE("bytes per sample, estimated and measured: alone "
          << alone_estimated << " " << alone.measured().bytes_per_sample() << ", together "
          << together_estimated << " " << together.measured().bytes_per_sample());
  CHECK(alone_estimated == Approx(alone.measured().bytes_per_sample()).epsilon(0.15));
  CHECK(together_estimated == Approx(together.measured().bytes_per_sample()).epsilon(0.15));
}

}  // namespace
}  // namespace edgefeed::e2e
