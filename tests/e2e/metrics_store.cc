#include "tests/e2e/metrics_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <regex>
#include <utility>

#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"

namespace edgefeed::e2e {
namespace {

std::string Ask(const std::string& url, const std::string& query) {
  Program curl({.program = "/usr/bin/curl",
                .arguments = {"--silent", "--fail", "--max-time", "10", "--get", "--data-urlencode",
                              "query=" + query, url}});
  if (curl.Wait(kPatience) != 0) return "";
  return curl.Output(Stream::kStdout);
}

}  // namespace

MetricsStore::MetricsStore() : port_(FreePort()) {}

std::string MetricsStore::address() const { return "127.0.0.1:" + std::to_string(port_); }

void MetricsStore::Start() {
  program_.reset();  // The old one must be gone before the new one takes its data.
  program_ = std::make_unique<Program>(Spec());
  const bool answers = Await([&] { return !Query("vector(1)").empty(); });
  REQUIRE_MESSAGE(answers, program_->Output(Stream::kStderr));
}

void MetricsStore::Stop() {
  program_->Signal(SIGTERM);
  REQUIRE(program_->Wait(kPatience));
}

std::string MetricsStore::Query(const std::string& query) const {
  return Ask("http://" + address() + "/api/v1/query", query);
}

std::vector<std::int64_t> MetricsStore::Times(const std::string& selector) const {
  static const std::regex point(R"(\[(\d+(?:\.\d+)?),\s*")");
  const std::string json = Query(selector + "[1h]");
  std::vector<std::int64_t> times;
  for (std::sregex_iterator match(json.begin(), json.end(), point), end; match != end; ++match) {
    times.push_back(std::llround(std::strtod((*match)[1].str().c_str(), nullptr) * 1000));
  }
  CHECK(std::ranges::is_sorted(times));
  return times;
}

std::string VictoriaMetrics::write_url() const { return "http://" + address() + "/api/v1/write"; }

// A sample that comes twice is one, by -dedup.
ProgramSpec VictoriaMetrics::Spec() const {
  return {.program = "/usr/bin/victoria-metrics",
          .arguments = {"-storageDataPath=" + (directory_.path() / "vm").string(),
                        "-httpListenAddr=" + address(), "-dedup.minScrapeInterval=1ms",
                        "-search.latencyOffset=0s", "-memory.allowedBytes=128MB"}};
}

Prometheus::Prometheus(const std::string& config) {
  static_cast<void>(directory_.Write("prometheus.yml", config));
  Start();
}

std::string Prometheus::write_url() const { return "http://" + address() + "/api/v1/write"; }

ProgramSpec Prometheus::Spec() const {
  return {.program = "/usr/bin/prometheus",
          .arguments = {"--config.file=" + (directory_.path() / "prometheus.yml").string(),
                        "--storage.tsdb.path=" + (directory_.path() / "data").string(),
                        "--web.listen-address=" + address(), "--web.enable-remote-write-receiver",
                        "--log.level=warn"}};
}

std::string OutputOf(const std::string& program, std::vector<std::string> arguments,
                     const std::string& input) {
  const TempDir directory;
  Program running({.program = program,
                   .arguments = std::move(arguments),
                   .stdin_file = directory.Write("input", input)});
  const auto status = running.Wait(kPatience);
  INFO(running.Output(Stream::kStdout));
  INFO(running.Output(Stream::kStderr));
  CHECK(status.value_or(-1) == 0);
  return running.Output(Stream::kStdout);
}

}  // namespace edgefeed::e2e
