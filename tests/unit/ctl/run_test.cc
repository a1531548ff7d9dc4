#include "ctl/run.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "ctl/completion/script.h"
#include "tests/support/manual_scheduler.h"
#include "tests/unit/ctl/fake_alert_client.h"
#include "tests/unit/ctl/fake_dump_client.h"

namespace edgefeed {
namespace {

class FakeClient final : public CollectorClient {
 public:
  FakeClient(Result<std::vector<DeviceEntry>> devices, const std::vector<PastSeries>& given_past,
             PastQuery& asked_query)
      : asked(asked_query), past(given_past), devices_(std::move(devices)) {}
  Result<std::vector<DeviceEntry>> ListDevices() override { return devices_; }
  Result<DeviceSample> GetSnapshot(const std::string& device) override {
    return DeviceSample{.name = device};
  }
  Result<std::vector<PastSeries>> GetHistory(const PastQuery& query) override {
    asked = query;
    return past;
  }
  Result<UploadReply> Upload(const std::string& /*name*/, ChunkSource& source) override {
    const auto chunk = source.Next();
    if (!chunk) return chunk.error();
    return UploadReply{.success = false, .message = "no room"};
  }
  Result<UploadStep> BeginUpload(const SegmentedFile& /*file*/,
                                 std::chrono::milliseconds /*patience*/) override {
    return Error{Code::kUnimplemented, "only Upload()"};
  }
  Result<UploadStep> UploadSegment(const SegmentedFile& /*file*/, const FileSegment& /*segment*/,
                                   ChunkSource& /*source*/) override {
    return Error{Code::kUnimplemented, "only Upload()"};
  }
  Status AbortUpload(const SegmentedFile& /*file*/) override { return {}; }
  Result<BackupAmount> Backup(BackupSink& /*sink*/) override {
    return Error{Code::kUnavailable, "no collector"};
  }
  std::unique_ptr<Subscription> Subscribe(const SubscribeRequest& /*request*/,
                                          Scheduler& /*scheduler*/,
                                          SubscriptionEvents& /*events*/) override {
    return nullptr;
  }

  DumpClient& dumps() override { return dumps_; }
  AlertClient& alerts() override { return alerts_; }

  PastQuery& asked;
  const std::vector<PastSeries>& past;

 private:
  Result<std::vector<DeviceEntry>> devices_;
  FakeDumpClient dumps_;
  FakeAlertClient alerts_;
};

// edgefeedctl in a process of the test's making.
struct Session {
  int Run(const std::vector<std::string>& arguments) {
    const Environment environment = [](const std::string&) { return std::nullopt; };
    const MakeClient make_client =
        [this](const ClientOptions& options) -> Result<std::unique_ptr<CollectorClient>> {
      client_options = options;
      if (credentials_error) return *credentials_error;
      return std::unique_ptr<CollectorClient>(std::make_unique<FakeClient>(devices, past, asked));
    };
    return RunCtl(arguments, {environment, clock, make_client, console});
  }

  ManualClock clock;
  std::ostringstream out;
  std::ostringstream err;
  Console console{.out = out, .err = err};
  Result<std::vector<DeviceEntry>> devices = std::vector<DeviceEntry>{};
  std::optional<Error> credentials_error;
  std::vector<PastSeries> past;
  PastQuery asked;
  ClientOptions client_options;
};

const WallTime kStart = FromUnixMillis(1'700'000'000'000);

PastSeries CpuUsage(std::initializer_list<double> values) {
  PastSeries series{.series = {"cpu_usage", {}}, .values = {}};
  for (const double value : values) {
    const WallTime time = kStart + series.values.size() * std::chrono::seconds(1);
    series.values.push_back(
        {.time = time, .min = value, .max = value, .sum = value, .count = 1, .last = value});
  }
  return series;
}

TEST_CASE("history asks for every sample of the last hour's CPU usage, unless told otherwise") {
  Session session;
  session.clock.Advance(std::chrono::hours(2));
  const WallTime now = session.clock.Wall();
  session.past = {CpuUsage({1, 2.5})};
  CHECK(session.Run({"history", "cam"}) == 0);
  CHECK(session.asked.device == "cam");
  CHECK(session.asked.metric == "cpu_usage");
  CHECK(session.asked.from == now - std::chrono::hours(1));
  CHECK(session.asked.to == now);
  CHECK(session.asked.step == std::chrono::milliseconds(0));
  CHECK(session.out.str() == "2023-11-14T22:13:20.000Z 1\n2023-11-14T22:13:21.000Z 2.5\n");

  CHECK(session.Run({"history", "cam", "--label", "a=b=c", "--label", "d=", "--metric", "disk",
                     "--from", "1000", "--to", "1970-01-01T01:00:00Z", "--step", "10s"}) == 0);
  CHECK(session.asked.labels == Labels{{"a", "b=c"}, {"d", ""}});
  CHECK(session.asked.metric == "disk");
  CHECK(UnixMillis(session.asked.from) == 1'000'000);
  CHECK(UnixMillis(session.asked.to) == 3'600'000);
  CHECK(session.asked.step == std::chrono::seconds(10));
}

TEST_CASE("in a terminal history asks for what its width can show, and draws it") {
  Session session;
  session.console.out_is_terminal = true;
  session.past = {CpuUsage({1, 2.5})};
  CHECK(session.Run({"history", "cam", "--from", "1699999990", "--to", "1700000010"}) == 0);
  CHECK(session.asked.step == std::chrono::milliseconds(0));
  CHECK(session.out.str().starts_with("cam  cpu_usage  2023-11-14 22:13:10 to 22:13:30 UTC\n"));
  CHECK(session.out.str().ends_with("min 1.0 %  max 2.5 %  mean 1.8 %  last 2.5 %  2 samples\n"));
  CHECK(session.Run({"history", "cam", "--from", "-7d"}) == 0);
  CHECK(session.asked.step >= std::chrono::minutes(30));
}

TEST_CASE("history without samples says so beside the output") {
  Session session;
  CHECK(session.Run({"history", "cam", "--from", "0", "--to", "1"}) == 0);
  CHECK(session.out.str() == "");
  CHECK(session.err.str() ==
        "edgefeedctl: cam has no samples from 1970-01-01T00:00:00.000Z to "
        "1970-01-01T00:00:01.000Z\n");
}

TEST_CASE("history that ends before it begins is refused") {
  Session session;
  CHECK(session.Run({"history", "cam", "--from", "2", "--to", "1"}) == 1);
  CHECK(session.err.str() ==
        "edgefeedctl: --from 1970-01-01T00:00:02.000Z is not before --to "
        "1970-01-01T00:00:01.000Z\n");
}

TEST_CASE("an upload gets the bandwidth probe, everything else does not") {
  Session session;
  CHECK(session.Run({"devices", "--timeout", "2s"}) == 0);
  CHECK(session.client_options.traffic == Traffic::kLight);
  CHECK(session.client_options.timeout == std::chrono::seconds(2));
  CHECK(session.client_options.json == JsonForm::kNone);
  CHECK(session.Run({"upload", "/dev/null", "--json"}) == 1);
  CHECK(session.client_options.traffic == Traffic::kBulk);
  CHECK(session.client_options.json == JsonForm::kFilled);
}

TEST_CASE("--check says what would be done, and does not do it") {
  Session session;
  session.devices = Error{Code::kUnavailable, "down"};
  CHECK(session.Run({"--check", "devices"}) == 0);
  CHECK(session.out.str() == "configuration is valid: collector localhost:50051, plaintext\n");
}

TEST_CASE("bad configuration ends with 78") {
  Session session;
  CHECK(session.Run({"--collector", "10.0.0.1:1", "devices"}) == 78);
  CHECK(session.err.str().starts_with("edgefeedctl: plaintext to 10.0.0.1:1"));
  CHECK(session.Run({"--config", "/nonexistent", "devices"}) == 78);
  session.credentials_error = Error{Code::kNotFound, "ca.pem: missing"};
  CHECK(session.Run({"--ca", "ca.pem", "--check"}) == 78);
}

TEST_CASE("a failed call ends with 1 and its reason, safe for terminals") {
  Session session;
  session.devices = Error{Code::kInternal, "out of \x1b[31mmemory"};
  CHECK(session.Run({"devices"}) == 1);
  CHECK(session.err.str() == "edgefeedctl: out of memory\n");
}

TEST_CASE("an upload that the collector did not keep fails") {
  Session session;
  CHECK(session.Run({"upload", "/dev/null"}) == 1);
  CHECK(session.err.str() == "edgefeedctl: null: the collector did not keep it: no room\n");
}

TEST_CASE("output that cannot be written is a failure") {
  Session session;
  std::ofstream full("/dev/full");
  Console console{.out = full, .err = session.err};
  const Environment environment = [](const std::string&) { return std::nullopt; };
  const MakeClient none = nullptr;
  CHECK(RunCtl({"completion", "bash"}, {environment, session.clock, none, console}) == 1);
  CHECK(session.err.str().find("cannot write to standard output") != std::string::npos);
}

TEST_CASE("the completion script is printed without any configuration") {
  Session session;
  CHECK(session.Run({"completion", "bash", "--config", "/nonexistent"}) == 0);
  CHECK(session.out.str() == kBashCompletion);
}

}  // namespace
}  // namespace edgefeed
