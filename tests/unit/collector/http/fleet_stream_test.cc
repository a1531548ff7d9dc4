#include "collector/http/fleet_stream.h"

#include <doctest/doctest.h>

#include "tests/support/manual_scheduler.h"
#include "tests/unit/collector/http/fake_fleet.h"

namespace edgefeed {
namespace {

using std::chrono::seconds;

// Answers at once, and counts.
class InstantFleet final : public FleetReader {
 public:
  void Get(const std::string&, Detail, std::function<void(Result<DeviceSnapshot>)>) override {}
  void List(Detail, std::function<void(std::vector<DeviceSnapshot>)> answer) override {
    ++questions;
    answer(devices);
  }
  std::vector<DeviceSnapshot> devices;
  int questions = 0;
};

struct StreamFixture {
  ManualScheduler scheduler;
  InstantFleet fleet;
  std::shared_ptr<FleetStream> stream =
      std::make_shared<FleetStream>(scheduler, fleet, FleetStream::Config{});
};

std::string Take(FleetStream::Subscription& subscription) {
  const auto text = subscription.Next();
  return text ? *text : "";
}

bool Mentions(const std::string& event, const std::string& device) {
  return event.find(R"("service_name":")" + device + '"') != std::string::npos;
}

TEST_CASE("the first event holds all, later ones what changed, and none when nothing did") {
  StreamFixture f;
  f.fleet.devices = {MakeDevice("a"), MakeDevice("b")};
  int updates = 0;
  const auto reader = f.stream->Subscribe([&] { ++updates; });
  CHECK(Take(*reader).empty());

  f.scheduler.RunUntilIdle();
  CHECK(updates == 1);
  const auto first = Take(*reader);
  CHECK(first.starts_with("event: all\n"));
  CHECK(first.ends_with("]}\n\n"));
  CHECK(Mentions(first, "a"));
  CHECK(Mentions(first, "b"));

  f.scheduler.Advance(seconds(1));
  CHECK(updates == 2);
  CHECK(Take(*reader).empty());

  f.fleet.devices[1].cpu_usage_percent = 99;
  f.fleet.devices.push_back(MakeDevice("c"));
  f.scheduler.Advance(seconds(1));
  const auto changed = Take(*reader);
  CHECK(changed.starts_with("event: changed\n"));
  CHECK_FALSE(Mentions(changed, "a"));
  CHECK(Mentions(changed, "b"));
  CHECK(Mentions(changed, "c"));
}

TEST_CASE("a reader that missed updates gets the newest state of all it missed") {
  StreamFixture f;
  f.fleet.devices = {MakeDevice("a"), MakeDevice("b"), MakeDevice("c")};
  const auto reader = f.stream->Subscribe([] {});
  f.scheduler.RunUntilIdle();
  CHECK_FALSE(Take(*reader).empty());

  f.fleet.devices[0].cpu_usage_percent = 50;
  f.scheduler.Advance(seconds(1));
  f.fleet.devices[1].cpu_usage_percent = 60;
  f.scheduler.Advance(seconds(1));

  const auto event = Take(*reader);
  CHECK(Mentions(event, "a"));
  CHECK(Mentions(event, "b"));
  CHECK_FALSE(Mentions(event, "c"));
}

TEST_CASE("when a device vanishes everything is told anew") {
  StreamFixture f;
  f.fleet.devices = {MakeDevice("a"), MakeDevice("b")};
  const auto reader = f.stream->Subscribe([] {});
  f.scheduler.RunUntilIdle();
  CHECK_FALSE(Take(*reader).empty());

  f.fleet.devices.pop_back();
  f.scheduler.Advance(seconds(1));

  const auto event = Take(*reader);
  CHECK(event.starts_with("event: all\n"));
  CHECK_FALSE(Mentions(event, "b"));
}

TEST_CASE("an empty fleet is told as such, and silence is broken by a ping") {
  StreamFixture f;
  const auto reader = f.stream->Subscribe([] {});
  f.scheduler.RunUntilIdle();
  CHECK(Take(*reader).find("\"devices\":[]}\n\n") != std::string::npos);
  f.scheduler.Advance(seconds(14));
  CHECK(Take(*reader).empty());
  f.scheduler.Advance(seconds(1));
  CHECK(Take(*reader) == ": ping\n\n");
  CHECK(Take(*reader).empty());
}

TEST_CASE("the fleet is asked once for all readers, and not without any") {
  StreamFixture f;
  f.scheduler.Advance(seconds(5));
  CHECK(f.fleet.questions == 0);
  auto first = f.stream->Subscribe([] {});
  f.scheduler.RunUntilIdle();
  auto second = f.stream->Subscribe([] {});
  f.scheduler.RunUntilIdle();
  CHECK(f.fleet.questions == 1);
  CHECK(second->Next() == first->Next());

  first.reset();
  second.reset();
  f.scheduler.Advance(seconds(5));
  CHECK(f.fleet.questions == 1);
}

TEST_CASE("a reader may leave while it is told of an update") {
  StreamFixture f;
  std::unique_ptr<FleetStream::Subscription> first;
  std::unique_ptr<FleetStream::Subscription> second;
  int updates = 0;
  const auto leave_both = [&] {
    ++updates;
    first.reset();
    second.reset();
  };
  first = f.stream->Subscribe(leave_both);
  second = f.stream->Subscribe(leave_both);
  f.scheduler.RunUntilIdle();
  CHECK(updates == 1);
}

TEST_CASE("an answer may come when the stream is gone") {
  StreamFixture f;
  f.stream->Subscribe([] {}).reset();
  f.stream.reset();
  f.scheduler.RunUntilIdle();
}

}  // namespace
}  // namespace edgefeed
