#include "tests/e2e/rig.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "tests/e2e/client.h"

namespace edgefeed::e2e {
namespace {

// What waits at an agent of ten samples a second for the next acknowledgement, which comes every
// 4 s and tells of what was stored 1 s before.
constexpr double kUnacknowledged = 70;

}  // namespace
namespace asio = boost::asio;
namespace fs = std::filesystem;
using asio::ip::tcp;
using boost::system::error_code;

std::optional<std::string> HttpGet(std::uint16_t port, std::string_view path,
                                   std::string_view headers) {
  const std::string request = "GET " + std::string(path) +
                              " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                              std::string(headers) + "\r\n";
  asio::streambuf answer;
  asio::io_context io;
  tcp::socket socket(io);
  const auto read = [&](error_code failed, std::size_t) {
    if (!failed) asio::async_read(socket, answer, [](error_code, std::size_t) {});
  };
  socket.async_connect({asio::ip::address_v4::loopback(), port}, [&](error_code failed) {
    if (!failed) asio::async_write(socket, asio::buffer(request), read);
  });
  io.run_for(std::chrono::seconds(20));
  if (answer.size() == 0) return std::nullopt;
  return std::string(asio::buffers_begin(answer.data()), asio::buffers_end(answer.data()));
}

RunningCollector::RunningCollector(std::string more, std::string host, std::string http)
    : more_(std::move(more)),
      host_(std::move(host)),
      http_(std::move(http)),
      config_(directory_.path() / "collector.yaml") {
  Start();
}

void RunningCollector::WriteConfig(const std::string& more) {
  more_ = more;
  static_cast<void>(directory_.Write("collector.yaml", "listen: " + address() + "\nhttp: " + http_ +
                                                           "\ndata_dir: data\n" + more_ + "\n"));
}

void RunningCollector::Start(std::vector<std::string> environment) {
  WriteConfig(more_);
  program_.reset();  // The old one must be gone before the new one takes its port.
  program_ = std::make_unique<Program>(ProgramSpec{.program = BuiltProgram("edgefeed-collector"),
                                                   .arguments = {"--config", config_.string()},
                                                   .environment = std::move(environment)});
  const auto port = program_->WaitForPort("listening on " + host_ + ":", kPatience);
  REQUIRE(port);
  const auto http_port = program_->WaitForPort("http on 127.0.0.1:", kPatience);
  REQUIRE(http_port);
  port_ = *port;
  http_port_ = *http_port;
}

double RunningCollector::Metric(const std::string& series) const {
  const std::string page = HttpGet(http_port_, "/metrics").value_or("");
  const auto line = page.find("\n" + series + " ");
  if (line == std::string::npos) return -1;
  return std::strtod(page.c_str() + line + series.size() + 2, nullptr);
}

double RunningCollector::DeviceMetric(const std::string& metric, const std::string& device) const {
  return Metric(metric + "{device=\"" + device + "\"}");
}

bool RunningCollector::AwaitCaughtUp(const std::string& device) const {
  return Await([&] {
    telemetry::MetricsResponse response;
    if (!Snapshot(Connect(address()), device, response).ok()) return false;
    const auto reading = [&](std::string_view metric) {  // The sum of its series; -1: none.
      double sum = -1;
      for (const auto& each : response.readings()) {
        if (each.series().metric() == metric) sum = std::max(sum, 0.0) + each.value();
      }
      return sum;
    };
    const double made = reading("agent_samples_collected_total") +
                        reading("agent_samples_recovered_total") -
                        reading("agent_samples_dropped_total");
    const double queued = reading("agent_samples_queued");
    return queued >= 0 && queued <= kUnacknowledged &&
           static_cast<double>(response.request_count()) >= made;
  });
}

std::vector<fs::path> RunningCollector::VisibleUploads() const {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory_.path() / "data" / "uploads")) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

RunningAgent::RunningAgent(const AgentSpec& spec)
    : program_spec_{.program = BuiltProgram("edgefeed-agent"),
                    .arguments = {"--config", (directory_.path() / "agent.yaml").string()},
                    .environment = spec.environment,
                    .network = spec.network} {
  if (!spec.wrapper.empty()) {
    auto& arguments = program_spec_.arguments;
    arguments.insert(arguments.begin(), program_spec_.program.string());
    arguments.insert(arguments.begin(), spec.wrapper.begin() + 1, spec.wrapper.end());
    program_spec_.program = spec.wrapper.front();
  }
  WriteConfig(spec);
  Start();
}

void RunningAgent::Start() {
  program_.reset();  // The old one must be gone before the new one takes its state.
  program_ = std::make_unique<Program>(program_spec_);
}

void RunningAgent::WriteConfig(const AgentSpec& spec) {
  // What crashed on this machine is nothing to a test.
  const bool has_dumps = spec.more.find("crash_dumps:") != std::string::npos;
  const std::string no_dumps = has_dumps ? "" : "crash_dumps: {systemd_directory: ''}\n";
  static_cast<void>(directory_.Write(
      "agent.yaml", "service_name: " + spec.name + "\ncollector: {address: '" + spec.collector +
                        "'}\nsample_interval: " + spec.interval + "\nstate_dir: " + spec.state_dir +
                        "\n" + no_dumps + spec.more + "\n"));
}

std::unique_ptr<Program> RunningAgent::AskStatus(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"status"};
  std::ranges::copy(program_spec_.arguments, std::back_inserter(arguments));
  std::ranges::move(more, std::back_inserter(arguments));
  auto asking = Run("edgefeed-agent", std::move(arguments));
  REQUIRE(asking->Wait(kPatience));
  return asking;
}

void RunningAgent::AwaitDelivered() const {
  const auto number = [this](const std::string& key) {
    const std::string json = AskStatus({"--json"})->Output(Stream::kStdout);
    const auto at = json.find("\"" + key + "\":");
    return at == std::string::npos ? -1 : std::strtod(json.c_str() + at + key.size() + 3, nullptr);
  };
  const double taken = number("taken");
  CHECK(taken > 0);
  CHECK(Await([&] { return number("acknowledged") >= taken; }));
}

AgentTotals RunningAgent::Stop() {
  program_->Signal(SIGTERM);
  const auto status = program_->Wait(kPatience);
  INFO(program_->Output(Stream::kStderr));
  CHECK(status.value_or(-1) == 0);
  AgentTotals totals;
  const auto line = program_->WaitForLine("stopped: ", kPatience);
  REQUIRE(line);
  const int scanned =
      std::sscanf(line->c_str() + line->find("stopped: "),
                  "stopped: %" SCNu64 " samples taken, %" SCNu64 " found on disk, %" SCNu64
                  " delivered, %" SCNu64 " dropped, %" SCNu64 " left for next time",
                  &totals.taken, &totals.found, &totals.delivered, &totals.dropped, &totals.left);
  REQUIRE(scanned == 5);
  CHECK(totals.delivered + totals.dropped + totals.left == totals.taken + totals.found);
  CHECK(totals.left == 0);
  return totals;
}

std::unique_ptr<Program> Run(std::string_view program, std::vector<std::string> arguments) {
  return std::make_unique<Program>(
      ProgramSpec{.program = BuiltProgram(program), .arguments = std::move(arguments)});
}

}  // namespace edgefeed::e2e
