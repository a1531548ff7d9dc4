#include "collector/rules/message_template.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const Labels kLabels = {{"mount", "/data"}};
const Labels kDeviceLabels = {{"rack", "b4"}, {"site", "lab"}};

std::string Rendered(std::string_view text) {
  const auto message = MessageTemplate::Parse(text);
  REQUIRE_MESSAGE(message, text);
  return message->Render({.device = "edge-07",
                          .rule = "DISK_LOW",
                          .metric = "filesystem_available_bytes",
                          .value = 1234567.891,
                          .threshold = 0.1,
                          .severity = Severity::kCritical,
                          .function = RuleFunction::kAverage,
                          .window = 5min,
                          .labels = kLabels,
                          .device_labels = kDeviceLabels});
}

std::string ErrorOf(std::string_view text) {
  const auto message = MessageTemplate::Parse(text);
  return message ? "" : message.error().message;
}

TEST_CASE("every variable has its value") {
  CHECK(Rendered("{{device}} {{rule}} {{metric}} {{severity}} {{function}} {{window}}") ==
        "edge-07 DISK_LOW filesystem_available_bytes critical avg 5m");
  CHECK(Rendered("{{value}}>{{threshold}}") == "1.23457e+06>0.1");
  CHECK(Rendered("{{labels.mount}} in {{device.labels.rack}} of {{device.labels.site}}") ==
        "/data in b4 of lab");
  CHECK(Rendered("{{ value }}|{{  labels.mount }}") == "1.23457e+06|/data");
}

TEST_CASE("a label that is not there is empty") {
  CHECK(Rendered("[{{labels.site}}{{device.labels.mount}}]") == "[]");
}

TEST_CASE("other text stays as it is") {
  CHECK(Rendered("no variables") == "no variables");
  CHECK(Rendered("100% {of} }} {\n") == "100% {of} }} {\n");
  CHECK(Rendered("{{device}}{{device}}") == "edge-07edge-07");
}

TEST_CASE("what a variable holds is not looked into again") {
  const auto message = MessageTemplate::Parse("{{device}}");
  REQUIRE(message);
  CHECK(message->Render({.device = "{{rule}}", .labels = kLabels, .device_labels = kLabels}) ==
        "{{rule}}");
}

TEST_CASE("an error says where, what, and what is allowed") {
  CHECK(ErrorOf("hot: {{valu}}") ==
        "at character 6: {{valu}} is not known, allowed are device, rule, metric, value, "
        "threshold, severity, function, window, labels.NAME, device.labels.NAME");
  CHECK(ErrorOf("a {{device}} b {{rule") == "at character 16: {{ has no closing }}");
  for (const char* bad : {"{{}}", "{{labels.}}", "{{labels.a b}}", "{{Device}}", "{{device.x}}",
                          "{{device.labels.}}", "{{", "{{ {{device}} }}"}) {
    CAPTURE(bad);
    CHECK(ErrorOf(bad).starts_with("at character 1: "));
  }
}

}  // namespace
}  // namespace edgefeed
