#include "common/wire/response.h"

#include <doctest/doctest.h>

#include "telemetry.pb.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

FeedReply AcrossTheWire(const FeedReply& reply) {
  telemetry::AlertResponse sent;
  sent.set_message("left over from the message before");
  ToWire(reply, sent);
  telemetry::AlertResponse received;
  REQUIRE(received.ParseFromString(sent.SerializeAsString()));
  return FromWire(received);
}

TEST_CASE("an alert has the original fields and no other") {
  const Alert alert{.rule = "CPU_HIGH",
                    .message = "edge-07: cpu_usage is 95, above 90",
                    .value = 95,
                    .time = FromUnixMillis(1'700'000'000'123)};
  telemetry::AlertResponse wire;
  ToWire(FeedReply{.alert = alert}, wire);
  CHECK(wire.alert_type() == "CPU_HIGH");
  CHECK(wire.timestamp_ms() == 1'700'000'000'123);
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  telemetry::AlertResponse::GetReflection()->ListFields(wire, &fields);
  CHECK(fields.size() == 4);
  CHECK(AcrossTheWire({.alert = alert}) == FeedReply{.alert = alert});
}

TEST_CASE("number and state of an alert cross the wire") {
  const FeedReply reply{.alert = Alert{.number = 7, .rule = "CPU_HIGH", .resolved = true}};
  telemetry::AlertResponse wire;
  ToWire(reply, wire);
  CHECK(FromWire(wire) == reply);
}

TEST_CASE("the severity of an alert crosses the wire, unless only the peer knows it") {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kCritical}) {
    const FeedReply reply{.alert = Alert{.rule = "CPU_HIGH", .severity = severity}};
    CHECK(AcrossTheWire(reply) == reply);
  }
  telemetry::AlertResponse newer;
  REQUIRE(newer.ParseFromString("\x0A\x01R\x78\x09"));  // alert_type "R", severity 9.
  CHECK(newer.alert_type() == "R");
  CHECK(FromWire(newer).alert->severity == std::nullopt);
}

TEST_CASE("what else a collector says crosses the wire unchanged") {
  const FeedReply reply{
      .alert = std::nullopt,
      .welcome = Welcome{.stored = {{5, 6}}},
      .stored = {{1, 2}, {~0ULL, ~0ULL}},
      .rejected = {{{3, 4}, "cpu_usage is 101"}},
      .redirect = Redirect{.addresses = {"a:1", "b:2"}, .after = 5s, .spread = 30s},
      .server_time = FromUnixMillis(1'700'000'000'123)};
  CHECK(AcrossTheWire(reply) == reply);
  CHECK(AcrossTheWire({}) == FeedReply{});
}

}  // namespace
}  // namespace edgefeed
