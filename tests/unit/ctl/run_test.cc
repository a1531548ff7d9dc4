#include "ctl/run.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "ctl/completion/script.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/ctl/fake_dump_client.h"

namespace edgefeed {
namespace {

class FakeClient final : public CollectorClient {
 public:
  FakeClient(Result<std::vector<DeviceEntry>> devices, const std::vector<PastSeries>& given_past,
             PastQuery& asked_query, std::optional<std::chrono::milliseconds> longest_range)
      : asked(asked_query),
        past(given_past),
        longest(longest_range),
        devices_(std::move(devices)) {}
  Result<std::vector<DeviceEntry>> ListDevices() override { return devices_; }
  Result<DeviceSample> GetSnapshot(const std::string& device) override {
    return DeviceSample{.name = device};
  }
  Result<std::vector<PastSeries>> GetHistory(const PastQuery& query) override {
    asked = query;
    if (!longest) return past;
    if (query.to - query.from > *longest) return Error{Code::kResourceExhausted, "too many points"};
    std::vector<PastSeries> within = past;
    for (PastSeries& series : within) {
      std::erase_if(series.values, [&](const PastValue& value) {
        return value.time < query.from || value.time >= query.to;
      });
    }
    return within;
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

  PastQuery& asked;
  const std::vector<PastSeries>& past;
  // Of a question that it answers, with what is in the range; nothing: with all that there is.
  const std::optional<std::chrono::milliseconds> longest;

 private:
  Result<std::vector<DeviceEntry>> devices_;
  FakeDumpClient dumps_;
};

// edgefeedctl in a process of the test's making.
struct Session {
  int Run(const std::vector<std::string>& arguments) {
    const Environment environment = [](const std::string&) { return std::nullopt; };
    const MakeClient make_client =
        [this](const ClientOptions& options) -> Result<std::unique_ptr<CollectorClient>> {
      client_options = options;
      if (credentials_error) return *credentials_error;
      return std::unique_ptr<CollectorClient>(
          std::make_unique<FakeClient>(devices, past, asked, longest_range));
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
  std::optional<std::chrono::milliseconds> longest_range;
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

PastValue Minute(int number, double value) {
  return {.time = kStart + number * std::chrono::minutes(1),
          .min = value - 5,
          .max = value + 5,
          .sum = value * 60,
          .count = 60,
          .last = value};
}

TEST_CASE("replay says what would have fired, how long and how bad, and what it judged by") {
  Session session;
  session.devices = std::vector<DeviceEntry>{{.name = "cam"}};
  session.past = {{.series = {"cpu_usage", {}},
                   .values = {Minute(0, 50), Minute(1, 95), Minute(2, 97), Minute(3, 10)}}};
  const TempDir directory;
  std::ofstream(directory.path() / "c.yaml")
      << "rules: [{name: BUSY, metric: cpu_usage, above: 90}]\n";
  const std::vector<std::string> command = {
      "rules", "replay",    (directory.path() / "c.yaml").string(), "--from", "1700000000",
      "--to",  "1700000300"};

  CHECK(session.Run(command) == 0);
  const std::string out = session.out.str();
  CHECK(out.find("2023-11-14 22:14:20 UTC  cam     BUSY  warning    2m     97  cam: cpu_usage is "
                 "95, above 90\n") != std::string::npos);
  CHECK(out.find("BUSY      1        1      2m\n") != std::string::npos);
  CHECK(session.err.str().find("only minutes or hours are kept, of cam:") != std::string::npos);

  session.out.str("");
  auto json = command;
  json.emplace_back("--json");
  CHECK(session.Run(json) == 0);
  CHECK(
      session.out.str() ==
      R"({"device":"cam","rule":"BUSY","labels":{},"severity":"warning","fired_ms":1700000060000,)"
      R"("resolved_ms":1700000180000,"firing_ms":120000,)"
      R"("message":"cam: cpu_usage is 95, above 90","worst":97})"
      "\n");
}

TEST_CASE("replay asks for less where there is too much, and judges the same") {
  Session session;
  session.devices = std::vector<DeviceEntry>{{.name = "cam"}};
  session.past = {CpuUsage({95, 50})};
  for (int minute = 1; minute <= 120; ++minute) {
    session.past[0].values.push_back(Minute(minute, minute % 10 == 0 ? 95 : 50));
  }
  const std::vector<std::string> command = {"rules",      "replay", "/dev/null",  "--from",
                                            "1700000000", "--to",   "1700010800", "--json"};
  std::vector<std::string> outputs;
  for (const auto longest : {std::chrono::minutes(60), std::chrono::minutes(4)}) {
    session.longest_range = longest;
    session.out.str("");
    CHECK(session.Run(command) == 0);
    outputs.push_back(session.out.str());
  }
  CHECK(std::ranges::count(outputs[0], '\n') == 13);
  CHECK(outputs[0] == outputs[1]);
  session.longest_range = std::chrono::seconds(1);
  CHECK(session.Run(command) == 1);
}

TEST_CASE("replay of a device that is not there, or of rules that are not good, fails") {
  Session session;
  CHECK(session.Run({"rules", "replay", "/dev/null", "dog"}) == 1);
  CHECK(session.err.str() ==
        "edgefeedctl: device 'dog' is not known (edgefeedctl devices lists the names)\n");
  CHECK(session.Run({"rules", "replay", "/nonexistent"}) == 1);
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
