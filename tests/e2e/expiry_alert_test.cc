// The rule of config/collector.yaml that tells of certificates that end, on a certificate that
// does.

#include <doctest/doctest.h>

#include <string>

#include "common/base/file.h"
#include "tests/e2e/enrolment.h"

namespace edgefeed::e2e {
namespace {

// The rule as somebody has it who has taken the comment signs away.
std::string ShippedRule() {
  const std::string text = *ReadSmallFile(EDGEFEED_COLLECTOR_YAML);
  const auto begin = text.find("  #- name: CERTIFICATE_EXPIRES\n");
  REQUIRE(begin != std::string::npos);
  std::string rule = text.substr(begin, text.find("\n\n", begin) + 1 - begin);
  for (std::size_t at = 0; (at = rule.find("  #", at)) != std::string::npos; at += 2) {
    rule.erase(at + 2, 1);
  }
  return rule;
}

TEST_CASE("a certificate that ends is an alert, a worse one later, and none when it is renewed") {
  const Hub hub("rules:\n" + ShippedRule());
  const std::string files = hub.Path("cam");
  hub.Ca({"issue", "device", "cam", "--lasts", "20d", "--out", files});
  RunningAgent agent({.name = "cam",
                      .collector = hub.collector->address(),
                      .more = "tls: {ca: " + files + "/ca.pem, cert: " + files +
                              "/agent.pem, key: " + files + "/agent.key}"});
  Program& program = agent.program();
  CHECK(
      program.WaitForLine("alert CERTIFICATE_EXPIRES: cam: agent_certificate_expires_seconds is "
                          "1.7244e+06, below 2.592e+06",
                          kPatience));
  hub.Ca({"renew", "device/cam", "--lasts", "5d", "--out", files});
  CHECK(program.WaitForLine("below 604800", kPatience));
  hub.Ca({"renew", "device/cam", "--lasts", "60d", "--out", files});
  CHECK(program.WaitForLine("alert CERTIFICATE_EXPIRES is resolved", kPatience));
  CHECK(program.CountLines("alert CERTIFICATE_EXPIRES: ") == 2);
}

}  // namespace
}  // namespace edgefeed::e2e
