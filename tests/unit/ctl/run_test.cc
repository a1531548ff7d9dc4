#include "ctl/run.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "ctl/completion/script.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

class FakeClient final : public CollectorClient {
 public:
  explicit FakeClient(Result<std::vector<DeviceEntry>> devices) : devices_(std::move(devices)) {}
  Result<std::vector<DeviceEntry>> ListDevices() override { return devices_; }
  Result<DeviceSample> GetSnapshot(const std::string& device) override {
    return DeviceSample{.name = device};
  }
  Result<UploadReply> Upload(const std::string& /*name*/, ChunkSource& source) override {
    const auto chunk = source.Next();
    if (!chunk) return chunk.error();
    return UploadReply{.success = false, .message = "no room"};
  }
  std::unique_ptr<Subscription> Subscribe(const SubscribeRequest& /*request*/,
                                          Scheduler& /*scheduler*/,
                                          SubscriptionEvents& /*events*/) override {
    return nullptr;
  }

 private:
  Result<std::vector<DeviceEntry>> devices_;
};

// edgefeedctl in a process of the test's making.
struct Session {
  int Run(const std::vector<std::string>& arguments) {
    const Environment environment = [](const std::string&) { return std::nullopt; };
    const MakeClient make_client =
        [this](const ClientOptions& options) -> Result<std::unique_ptr<CollectorClient>> {
      client_options = options;
      if (credentials_error) return *credentials_error;
      return std::unique_ptr<CollectorClient>(std::make_unique<FakeClient>(devices));
    };
    return RunCtl(arguments, {environment, clock, make_client, console});
  }

  ManualClock clock;
  std::ostringstream out;
  std::ostringstream err;
  Console console{.out = out, .err = err};
  Result<std::vector<DeviceEntry>> devices = std::vector<DeviceEntry>{};
  std::optional<Error> credentials_error;
  ClientOptions client_options;
};

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
