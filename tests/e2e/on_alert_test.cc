// The command that an agent runs for its alerts.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

// An alert for every sample.
constexpr const char* kEager =
    "rules:\n  - {name: ALWAYS, metric: memory_mb, above: 0, repeat_interval: 0s}";

std::string Content(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string OnAlert(const std::filesystem::path& script, const std::string& timeout) {
  return "on_alert: {command: [/bin/sh, " + script.string() + "], timeout: " + timeout +
         ", queue: 2}";
}

TEST_CASE("the command gets the alert in its environment, and never runs twice at a time") {
  const TempDir directory;
  const auto script = directory.Write("script", "cd '" + directory.path().string() +
                                                    "'\n"
                                                    "mkdir running || echo overlap >> log\n"
                                                    "echo \"$EDGEFEED_DEVICE/$EDGEFEED_ALERT/"
                                                    "$EDGEFEED_VALUE/$EDGEFEED_TIMESTAMP_MS/"
                                                    "$EDGEFEED_SEVERITY/$EDGEFEED_MESSAGE\""
                                                    " >> log\n"
                                                    "sleep 0.3\n"
                                                    "rmdir running\n"
                                                    "echo done >> log\n");
  RunningCollector collector(kEager);
  RunningAgent agent(
      {.name = "alarmed", .collector = collector.address(), .more = OnAlert(script, "10s")});
  const auto log = [&] { return Content(directory.path() / "log"); };

  REQUIRE(Await([&] {
    const std::string text = log();
    return text.find("done", text.find("done", text.find("done") + 1) + 1) != std::string::npos;
  }));

  const std::string text = log();
  CHECK(text.find("overlap") == std::string::npos);
  CHECK(text.starts_with("alarmed/ALWAYS/"));
  const auto message = text.rfind('/', text.find('\n'));
  CHECK(text.find("alarmed", message) < text.find('\n'));
  CHECK(text.find("//") == std::string::npos);  // No variable was empty.
  // Ten alerts a second, three commands a second: the rest is not queued for ever.
  CHECK(agent.program().WaitForLine("alerts wait already", kPatience));
  static_cast<void>(agent.Stop());
}

TEST_CASE("a command that hangs is killed after its timeout, and the next one runs") {
  const TempDir directory;
  const auto script = directory.Write("script", "echo $$ >> '" + directory.path().string() +
                                                    "/pids'\n"
                                                    "sleep 600\n");
  RunningCollector collector(kEager);
  RunningAgent agent(
      {.name = "hung", .collector = collector.address(), .more = OnAlert(script, "500ms")});

  CHECK(agent.program().WaitForLine("on_alert for ALWAYS: ", kPatience));
  const std::string pids = Content(directory.path() / "pids");
  const std::string first = pids.substr(0, pids.find('\n'));
  REQUIRE_FALSE(first.empty());
  CHECK_FALSE(std::filesystem::exists("/proc/" + first));
  CHECK(agent.program().WaitForLine("on_alert for ALWAYS: ", kPatience));
  static_cast<void>(agent.Stop());
}

}  // namespace
}  // namespace edgefeed::e2e
