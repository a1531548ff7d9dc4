// Devices with good certificates that mean harm, all at once, beside some that do not.

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "common/rpc/credentials.h"
#include "fleet.grpc.pb.h"
#include "tests/e2e/client.h"
#include "tests/e2e/honest_device.h"
#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"
#include "tests/hostile/hostile_fleet.h"
#include "tests/support/soak.h"
#include "tests/support/some_bytes.h"
#include "tests/support/test_authority.h"
#include "tests/support/upload_client.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

// Fifty busy threads beside a collector: on two processors with sanitizers all takes its time.
constexpr seconds kLongPatience = 3 * kPatience;
constexpr std::size_t kHostile = 5 * kMisdeeds.size();
constexpr std::uint64_t kQuota = std::uint64_t{64} << 20;
// A feed may send less than by default: what ten floods may send at once, a machine that runs other
// tests as well, with sanitizers, would write to its disk for minutes.
constexpr const char* kLimits =
    "limits: {feed_rate: 32KiB, calls_per_second_and_device: 20}\n"
    "uploads: {max_file_size: 1MiB, quota: 64MiB, device_quota: 2MiB, min_free: 1B}\n"
    "history: {max_size: 256MiB}\n"
    "rules: [{name: HOT, metric: cpu_usage, above: 90, repeat_interval: 0s}]\n";
// Of the collector: what the limits allow so many devices (a MiB of names of series, a payload and
// the history's 256 KiB each; 32 MiB on the way to the disk), what gRPC and TLS take for five
// hundred streams, and what an AddressSanitizer makes of it, which keeps 256 MiB of freed memory.
constexpr double kMostMemory = 1.0 * (1 << 30);

class Fleet {
 public:
  Fleet() {
    authority_.WriteCrl();
    const TlsFiles server = authority_.Issue("server", "IP:127.0.0.1");
    tls_ = "tls: {cert: " + server.cert.string() + ", key: " + server.key.string() +
           ", client_ca: " + server.ca.string() + ", crl: " + authority_.file("crl.pem").string() +
           "}\n";
  }

  [[nodiscard]] const std::string& tls() const { return tls_; }
  // Of the device, or of "viewer/NAME".
  [[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> Credentials(
      const std::string& name, const std::string& kind = "device") const {
    const auto credentials =
        ClientCredentials(authority_.Issue(name, "URI:edgefeed://" + kind + "/" + name));
    REQUIRE(credentials);
    return *credentials;
  }
  [[nodiscard]] std::vector<HostileSpec> Hostile(const RunningCollector& collector,
                                                 const std::string& victim) const {
    std::vector<HostileSpec> specs;
    for (std::size_t i = 0; i < kHostile; ++i) {
      const std::string name = "hostile-" + std::to_string(i);
      specs.push_back({.target = collector.address(),
                       .credentials = Credentials(name),
                       .name = name,
                       .victim = victim,
                       .seed = Seed(i),
                       .misdeed = i % kMisdeeds.size()});
    }
    return specs;
  }

 private:
  TestAuthority authority_;
  std::string tls_;
};

std::shared_ptr<grpc::Channel> ChannelOf(const Fleet& fleet, const RunningCollector& collector,
                                         const std::string& name,
                                         const std::string& kind = "device") {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  return grpc::CreateCustomChannel(collector.address(), fleet.Credentials(name, kind), arguments);
}

// Somebody of the operators asks for samples of this device.
grpc::Status AskHistory(const std::shared_ptr<grpc::Channel>& channel, const std::string& device) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kLongPatience);
  context.set_wait_for_ready(true);
  HistoryRequest request;
  request.set_service_name(device);
  request.set_metric(HonestDevice::kMetric);
  request.set_to_ms(NowMillis());
  const auto reader = FleetService::NewStub(channel)->GetHistory(&context, request);
  HistoryResponse response;
  while (reader->Read(&response)) {
  }
  return reader->Finish();
}

// A sample each second.
void Live(std::vector<std::unique_ptr<HonestDevice>>& devices, int samples) {
  for (int i = 0; i < samples; ++i) {
    for (const auto& device : devices) CHECK_MESSAGE(device->Take(), device->name());
    LetPass(seconds(1));
  }
}

std::uint64_t BytesBelow(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    std::error_code gone;
    if (entry.is_regular_file(gone)) bytes += entry.file_size(gone);
  }
  return bytes;
}

std::vector<std::string> NamesIn(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

// While they misbehave: some of it takes the disk's time.
void CheckCounted(const RunningCollector& collector) {
  for (const char* metric :
       {"edgefeed_collector_payloads_invalid_total", "edgefeed_collector_feeds_held_back_total",
        "edgefeed_collector_readings_dropped_total", "edgefeed_collector_uploads_failed_total",
        "edgefeed_collector_calls_too_often_total",
        R"(edgefeed_access_refused_total{reason="name"})",
        R"(edgefeed_collector_caller_limit_refused_total{limit="feeds_per_caller"})",
        R"(edgefeed_collector_caller_limit_refused_total{limit="uploads_per_caller"})",
        R"(edgefeed_collector_uploads_refused_total{reason="invalid"})",
        R"(edgefeed_collector_uploads_refused_total{reason="quota"})",
        R"(edgefeed_collector_uploads_refused_total{reason="too_large"})"}) {
    CHECK_MESSAGE(Await([&] { return collector.Metric(metric) > 0; }, kLongPatience),
                  std::string(metric));
  }
}

// All of their samples are there once, and each alert has come.
void CheckStored(const RunningCollector& collector,
                 const std::vector<std::unique_ptr<HonestDevice>>& devices) {
  for (const auto& device : devices) {
    const auto numbers = CheckNumbers(
        ReadStored(collector.directory() / "data", device->name(), HonestDevice::kMetric),
        device->taken());
    CHECK_MESSAGE(numbers.missing.empty(), device->name());
    CHECK_MESSAGE(numbers.doubled.empty(), device->name());
    CHECK_MESSAGE(numbers.unexpected.empty(), device->name());
    CHECK_MESSAGE(device->alerts() == device->taken() / 2, device->name());
  }
}

TEST_CASE("what fifty devices do that mean harm, the others do not notice") {
  const Fleet fleet;
  RunningCollector collector(fleet.tls() + kLimits);
  const pid_t pid = collector.program().pid();
  std::vector<std::unique_ptr<HonestDevice>> honest;
  const auto join = [&](const std::string& name) {
    honest.push_back(std::make_unique<HonestDevice>(ChannelOf(fleet, collector, name), name));
  };
  for (const char* name : {"victim", "cam", "door"}) join(name);
  Live(honest, 2);
  const auto victim = ChannelOf(fleet, collector, "victim");
  const std::string file = SomeBytes(100'000);
  fileupload::UploadResponse response;
  REQUIRE(Upload(victim, "victim.txt", file, response).ok());
  UploadClient begun(victim, "victim", "begun", SomeBytes(300'000));
  REQUIRE(begun.Begin(response).ok());
  REQUIRE(begun.Segment(response.epoch(), 0, 128 << 10, response).ok());

  HostileFleet hostile(fleet.Hostile(collector, "victim"));
  Live(honest, LongOrShort(600, 10));
  // Who comes now is served as well.
  join("latecomer");
  UploadClient late(ChannelOf(fleet, collector, "cam"), "cam", "late", SomeBytes(300'000));
  const auto uploads = [&] {
    return late.Run(std::uint64_t{1} << 20, response).ok() &&
           response.state() == fileupload::UPLOAD_STATE_COMPLETE;
  };
  CHECK(Await(uploads, kLongPatience));
  const auto viewer = ChannelOf(fleet, collector, "kim", "viewer");
  CHECK(Await([&] { return AskHistory(viewer, "victim").ok(); }, kLongPatience));
  Live(honest, LongOrShort(600, 10));
  for (const auto& device : honest) CHECK_MESSAGE(device->AwaitAll(kLongPatience), device->name());
  CheckCounted(collector);
  CHECK(collector.Metric("process_resident_memory_bytes") < kMostMemory);
  hostile.Stop();

  for (std::size_t i = 0; i < kMisdeeds.size(); ++i) {
    CHECK_MESSAGE(hostile.rounds(i) > 0, std::string(kMisdeeds[i].name));
  }
  // What was the victim's is as it was, and goes on.
  CHECK(begun.Run(std::uint64_t{1} << 20, response).ok());
  CHECK(response.state() == fileupload::UPLOAD_STATE_COMPLETE);
  const fs::path data = collector.directory() / "data";
  const auto kept = ReadSmallFile(data / "uploads" / "victim.txt");
  CHECK((kept && *kept == file));
  CHECK(BytesBelow(data / "uploads") + BytesBelow(data / "dumps") <= kQuota);
  CHECK(NamesIn(collector.directory()) == std::vector<std::string>{"collector.yaml", "data"});
  CHECK_FALSE(fs::exists("/tmp/escaped"));
  CHECK_FALSE(collector.program().Wait(std::chrono::milliseconds(0)));
  CHECK(collector.program().pid() == pid);

  for (const auto& device : honest) CHECK_MESSAGE(device->Finish().ok(), device->name());
  collector.program().Signal(SIGTERM);
  CHECK(collector.program().Wait(kPatience) == 0);
  CheckStored(collector, honest);
}

}  // namespace
}  // namespace edgefeed::e2e
