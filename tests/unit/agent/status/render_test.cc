#include "agent/status/render.h"

#include <doctest/doctest.h>

#include "agent/status/words.h"
#include "tests/unit/agent/status/agent_status_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an agent that is well, for people") {
  CHECK(StatusText(HealthyAgent()) ==
        R"(OK       connected to edge.example:50051 for 2 h

device       board-7
agent        1.2.3, pid 812, up 3 h 12 min, 14.0 MiB of memory
config       /etc/edgefeed/agent.yaml
acknowledged 4 s ago
samples      every 1 s, the last 340 ms ago; 11520 taken, 11516 acknowledged
queue        4 samples, 0 of them on disk, the oldest 3 s; 0 lost
alerts       0 received, 0 not run
dumps        0 waiting (0 B), 0 delivered
clock        2026-11-25T12:00:00.000Z, synchronised
tls          off
today        since 2026-11-25T09:00:00.000Z: 976.6 KiB sent, 48.8 KiB received, 16.0 KiB written to disk
)");
}

TEST_CASE("one that is not begins with what is wrong and what to do") {
  AgentStatus status = OfflineAgent();
  status.clock = ClockTrust::kGuess;
  const std::string text = StatusText(status);
  CHECK(text.starts_with("PROBLEM  tcp: no connection to edge.example:50051 for 4 min 12 s"));
  CHECK(text.find("\n         Check that the collector runs") != std::string::npos);
  CHECK(text.find("\nWARNING  clock: nobody has said yet") != std::string::npos);
  CHECK(text.find("OK ") == std::string::npos);
}

TEST_CASE("what is not known is said so") {
  AgentStatus status = HealthyAgent();
  status.uptime = 50ms;
  status.resident_bytes.reset();
  status.link.acknowledged_ago.reset();
  status.samples.last_ago.reset();
  status.samples.oldest_queued.reset();
  status.today.disk_written_bytes.reset();
  status.reload = {.ago = 5min};
  status.uses_tls = true;
  status.ca = {"ca.pem", status.time - 24h, status.time + 24h * 400 + 5h};
  const std::string text = StatusText(status);
  for (const std::string line :
       {"agent        1.2.3, pid 812, up 50 ms\n",
        "config       /etc/edgefeed/agent.yaml, reloaded 5 min ago\n",
        "acknowledged nothing since the start\n", "the last not yet;", "0 of them on disk; 0 lost",
        "certificate  none\n", "(400 d 5 h)\n", "not counted by this kernel\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

// The keys are a promise: docs/AGENT_STATUS.md.
TEST_CASE("the same for programs, on one line") {
  CHECK(
      StatusJson(HealthyAgent()) ==
      R"({"healthy":true,"device":"board-7","version":"1.2.3","config":"/etc/edgefeed/agent.yaml",)"
      R"("pid":812,"uptime_seconds":11520,"resident_bytes":14680064,)"
      R"("collector":{"connected":true,"address":"edge.example:50051","connected_seconds":7200,)"
      R"("offline_seconds":0,"trouble":null,"code":null,"message":null,"attempts":0,)"
      R"("next_attempt_seconds":null,"acknowledged_seconds_ago":4,"connects":2},)"
      R"("samples":{"interval_ms":1000,"last_ms_ago":340,"taken":11520,"acknowledged":11516,)"
      R"("queued":4,"queued_on_disk":0,"oldest_queued_seconds":3,)"
      R"("dropped":{"memory_full":0,"outbox_full":0}},)"
      R"("alerts":{"received":0,"skipped":0},)"
      R"("dumps":{"waiting":0,"bytes":0,"quarantined":0,"delivered":0},)"
      R"("applications":null,)"
      R"("clock":{"trust":"kernel","time":"2026-11-25T12:00:00.000Z","system_ahead_ms":0},)"
      R"("tls":{"used":false,"cert":null,"ca":null},)"
      R"("today":{"since":"2026-11-25T09:00:00.000Z","sent_bytes":1000000,)"
      R"("received_bytes":50000,"disk_written_bytes":16384},"reload":null,"findings":[]})");
}

TEST_CASE("what applications send, for people and for programs") {
  AgentStatus status = HealthyAgent();
  status.applications = {.series = 12,
                         .lines = 345,
                         .dropped = {{"camera", "rate", 7}, {"other", "malformed", 2}},
                         .lost_datagrams = 3};
  CHECK(StatusText(status).find(
            "\napplications 12 series, 345 lines taken, 9 not, 3 datagrams lost\n") !=
        std::string::npos);
  CHECK(StatusJson(status).find(
            R"("applications":{"series":12,"lines":345,"dropped":[)"
            R"({"application":"camera","reason":"rate","lines":7},)"
            R"({"application":"other","reason":"malformed","lines":2}],"lost_datagrams":3})") !=
        std::string::npos);
}

TEST_CASE("trouble, certificates and a refused configuration, for programs") {
  AgentStatus status = OfflineAgent();
  status.link.why.message = "said \"no\"";
  status.certificate = {"/agent.pem", status.time - 24h, status.time - 1h};
  status.reload = {.ago = 60s, .error = "bad"};
  const std::string json = StatusJson(status);
  for (const std::string part :
       {R"({"healthy":false,)", R"("connected_seconds":0,"offline_seconds":252,"trouble":"tcp",)",
        R"("code":"UNAVAILABLE","message":"said \"no\"","attempts":17,"next_attempt_seconds":12,)",
        R"("cert":{"file":"/agent.pem","not_before":"2026-11-24T12:00:00.000Z",)",
        R"("days_left":-1})", R"("reload":{"seconds_ago":60,"error":"bad"})",
        R"("findings":[{"level":"problem","about":"tcp","what":")", R"(},{"level":"warning",)"}) {
    CAPTURE(part);
    CHECK(json.find(part) != std::string::npos);
  }
  CHECK(json.find('\n') == std::string::npos);
}

TEST_CASE("what the socket answers comes apart again") {
  const std::string answer = StatusAnswer(HealthyAgent());
  const ReceivedStatus received = ParseStatusAnswer(answer);
  CHECK(received.json == StatusJson(HealthyAgent()));
  CHECK(received.text == StatusText(HealthyAgent()));
  CHECK(received.is_healthy);
  CHECK_FALSE(ParseStatusAnswer(StatusAnswer(OfflineAgent())).is_healthy);
  for (const std::string_view broken : {"", "\n", "nonsense"}) {
    CHECK_FALSE(ParseStatusAnswer(broken).is_healthy);
    CHECK(ParseStatusAnswer(broken).text.empty());
  }
}

TEST_CASE("a terminal gets the first words in colour, and the same text") {
  CHECK(InColour("OK       fine\n\nPROBLEM  tcp: x\nWARNING  clock: y\nother PROBLEM  \n") ==
        "\033[1;32mOK       \033[0mfine\n\n\033[1;31mPROBLEM  \033[0mtcp: x\n"
        "\033[1;33mWARNING  \033[0mclock: y\nother PROBLEM  \n");
  CHECK(InColour("").empty());
  CHECK(InColour("no end") == "no end");
}

TEST_CASE("durations for people") {
  CHECK(DurationWords(0ms) == "0 ms");
  CHECK(DurationWords(999ms) == "999 ms");
  CHECK(DurationWords(1999ms) == "1 s");
  CHECK(DurationWords(60s) == "1 min");
  CHECK(DurationWords(61s) == "1 min 1 s");
  CHECK(DurationWords(25h) == "1 d 1 h");
  CHECK(DurationWords(24h + 59min) == "1 d");
  CHECK(DurationWords(-90s) == "1 min 30 s");
}

}  // namespace
}  // namespace edgefeed
