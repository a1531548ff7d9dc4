#include "agent/status/findings.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/agent/status/agent_status_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// "problem tcp", "warning clock"; what it says is for people.
std::vector<std::string> Short(const AgentStatus& status) {
  std::vector<std::string> all;
  for (const Finding& finding : FindingsOf(status)) {
    CHECK_FALSE(finding.what.empty());
    CHECK_FALSE(finding.advice.empty());
    all.push_back((finding.level == Finding::Level::kProblem ? "problem " : "warning ") +
                  std::string(finding.about));
  }
  return all;
}
using Lines = std::vector<std::string>;

std::string OnlyText(const AgentStatus& status) {
  const auto findings = FindingsOf(status);
  REQUIRE(findings.size() == 1);
  return findings.front().what;
}

TEST_CASE("who is connected and takes samples is well") {
  CHECK(Short(HealthyAgent()).empty());
  CHECK(IsHealthy(FindingsOf(HealthyAgent())));
}

TEST_CASE("each trouble has its own advice") {
  std::vector<std::string_view> advice;
  for (const Trouble trouble : {Trouble::kDns, Trouble::kTcp, Trouble::kTls, Trouble::kProtocol,
                                Trouble::kAuth, Trouble::kRefused, Trouble::kSilent}) {
    const AgentStatus status = OfflineAgent(trouble);
    CHECK(Short(status) == Lines{"problem " + std::string(TroubleName(trouble))});
    CHECK_FALSE(IsHealthy(FindingsOf(status)));
    const auto given = FindingsOf(status).front().advice;
    CHECK(std::ranges::find(advice, given) == advice.end());
    advice.push_back(given);
  }
}

TEST_CASE("without a connection it says for how long, why, and when it is tried again") {
  CHECK(OnlyText(OfflineAgent()) ==
        "no connection to edge.example:50051 for 4 min 12 s (17 attempts, the next in 12 s): "
        "Connection refused (UNAVAILABLE)");
  AgentStatus trying = OfflineAgent();
  trying.link.next_attempt_in.reset();
  CHECK(OnlyText(trying).find("the next is under way") != std::string::npos);
  trying.link.trouble.reset();
  CHECK(Short(trying) == Lines{"problem connecting"});
}

TEST_CASE("words of others cannot write on the terminal") {
  AgentStatus status = OfflineAgent(Trouble::kRefused);
  status.link.why.message = "no\x1b[2J\nsecond\xff";
  CHECK(OnlyText(status).find("no?[2J; second?") != std::string::npos);
}

TEST_CASE("a sampler that stands still is a problem, a slow one is not") {
  AgentStatus status = HealthyAgent();
  status.samples.last_ago = 40s;
  CHECK(Short(status) == Lines{"problem samples"});
  status.samples.interval = 10s;
  CHECK(Short(status).empty());
  status.samples.last_ago.reset();  // None was ever taken.
  CHECK(Short(status) == Lines{"problem samples"});
  status.uptime = 5s;
  CHECK(Short(status).empty());
}

TEST_CASE("lost samples are told with their reasons") {
  AgentStatus status = HealthyAgent();
  status.samples.dropped = {{"memory_full", 0}, {"outbox_full", 12}, {"rejected", 3}};
  CHECK(OnlyText(status) == "15 samples are lost: outbox_full 12, rejected 3");
  CHECK(IsHealthy(FindingsOf(status)));
}

TEST_CASE("what applications lose, and that they cannot send, is told") {
  AgentStatus status = HealthyAgent();
  status.applications = {.series = 3, .lines = 4};
  CHECK(Short(status).empty());
  status.applications->lost_datagrams = 5;
  status.applications->dropped = {{"camera", "rate", 7}, {"camera", "series", 1}};
  CHECK(OnlyText(status) ==
        "lines of applications were not taken: camera rate 7, camera series 1, 5 datagrams that "
        "the kernel had no room for");
  status.applications = {.errors = {"127.0.0.1:8125: Address already in use (statsd.listen)"}};
  CHECK(OnlyText(status) ==
        "they cannot send: 127.0.0.1:8125: Address already in use (statsd.listen)");
  CHECK(IsHealthy(FindingsOf(status)));
}

TEST_CASE("a clock that was never set, or is far off, is told") {
  AgentStatus status = HealthyAgent();
  status.clock = ClockTrust::kGuess;
  CHECK(Short(status) == Lines{"warning clock"});
  status.clock = ClockTrust::kCollector;
  CHECK(Short(status).empty());
  status.system_clock_ahead = -2h;
  CHECK(OnlyText(status) == "this device's clock is 2 h slow");
  status.system_clock_ahead = 61s;
  CHECK(OnlyText(status) == "this device's clock is 1 min 1 s fast");
}

TEST_CASE("certificates that end soon, have ended or are not good yet are told") {
  AgentStatus status = HealthyAgent();
  const auto with = [&](std::chrono::hours from, std::chrono::hours to) {
    status.certificate = {"agent.pem", status.time + from, status.time + to};
    const auto findings = FindingsOf(status);
    return findings.empty() ? std::string() : findings.front().what;
  };
  CHECK(with(-1h, 24h * 15).empty());
  CHECK(with(-1h, 24h * 13) == "agent.pem expires in 13 d");
  CHECK(with(-24h, -5h) == "agent.pem has expired 5 h ago");
  CHECK(with(1h, 24h * 100).starts_with("agent.pem is not good before 2026-11-25T13:00:00"));
  status.ca = status.certificate;
  CHECK(Short(status) == Lines{"warning certificate", "warning certificate"});
}

TEST_CASE("a configuration that was refused is told until it is mended") {
  AgentStatus status = HealthyAgent();
  status.reload = {.ago = 3min, .error = "agent.yaml:1:1: lisen: unknown key\nagent.yaml:2:1: x"};
  CHECK(OnlyText(status) ==
        "the configuration was refused 3 min ago and the old one stays: agent.yaml:1:1: lisen: "
        "unknown key; agent.yaml:2:1: x");
  status.reload = {.ago = 3min};
  CHECK(Short(status).empty());
}

TEST_CASE("dumps that are not sent any more are told, and problems come first") {
  AgentStatus status = OfflineAgent(Trouble::kDns);
  status.dumps.quarantined = 1;
  CHECK(Short(status) == Lines{"problem dns", "warning dumps"});
}

}  // namespace
}  // namespace edgefeed
