// What a device has measured is asked for by edgefeedctl.

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEnough = 20;  // Samples.

// The lines that `edgefeedctl history` prints of a device's last hour.
std::vector<std::string> History(const RunningCollector& collector, const std::string& device,
                                 const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"--collector", collector.address(), "history",
                                        device,        "--metric",          "cpu_usage"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto program = Run("edgefeedctl", arguments);
  if (program->Wait(kPatience) != 0) return {};
  std::istringstream out(program->Output(Stream::kStdout));
  std::vector<std::string> lines;
  for (std::string line; std::getline(out, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> JsonHistory(const RunningCollector& collector, const std::string& device) {
  return History(collector, device, {"--json"});
}

std::chrono::milliseconds TimeOf(const std::string& json) {
  const std::string key = R"("time_ms":")";
  const auto at = json.find(key);
  REQUIRE(at != std::string::npos);
  return std::chrono::milliseconds(std::stoll(json.substr(at + key.size())));
}

// Waits until there are `count` samples, and returns them.
std::vector<std::string> AwaitHistory(const RunningCollector& collector, const std::string& device,
                                      std::size_t count) {
  std::vector<std::string> lines;
  REQUIRE(Await([&] {
    lines = JsonHistory(collector, device);
    return lines.size() >= count;
  }));
  return lines;
}

TEST_CASE("history has a device's samples in order, before and after a collector was killed") {
  RunningCollector collector;
  RunningAgent agent({.name = "cam", .collector = collector.address()});

  const auto before = AwaitHistory(collector, "cam", kEnough);
  collector.program().Kill();
  collector.Start();
  const auto after = AwaitHistory(collector, "cam", before.size() + kEnough);

  for (const auto& lines : {before, after}) {
    CHECK(lines[0].starts_with(R"({"series":{"metric":"cpu_usage","labels":[]},"time_ms":")"));
    CHECK(std::ranges::is_sorted(lines, std::ranges::less_equal(), TimeOf));
  }
  // Lines differ in their times first, so what is in order of time is in order.
  CHECK(std::ranges::includes(after, before));
  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  CHECK(AwaitHistory(collector, "cam", totals.delivered).size() == totals.delivered);
}

// Which sample comes after the longest time without one.
std::size_t AfterLongestPause(const std::vector<std::string>& json) {
  std::size_t longest = 1;
  const auto pause = [&](std::size_t i) { return TimeOf(json[i]) - TimeOf(json[i - 1]); };
  for (std::size_t i = 2; i < json.size(); ++i) {
    if (pause(i) > pause(longest)) longest = i;
  }
  return longest;
}

// Whether lines of times and values have an empty one before this sample.
bool HasGapBefore(const std::vector<std::string>& lines, std::size_t sample) {
  std::size_t samples = 0;
  for (const std::string& line : lines) {
    if (line.empty() && samples == sample) return true;
    if (!line.empty()) ++samples;
  }
  return false;
}

TEST_CASE("the time in which an agent did not run is a gap") {
  RunningCollector collector;
  std::size_t first_run = 0;
  {
    RunningAgent agent({.name = "cam", .collector = collector.address()});
    AwaitHistory(collector, "cam", kEnough);
    first_run = agent.Stop().delivered;
  }
  LetPass(5s);  // The gap.
  RunningAgent agent({.name = "cam", .collector = collector.address()});

  const auto json = AwaitHistory(collector, "cam", first_run + kEnough);

  const std::size_t after = AfterLongestPause(json);
  CHECK(after == first_run);
  CHECK(TimeOf(json[after]) - TimeOf(json[after - 1]) >= 5s);
  CHECK(HasGapBefore(History(collector, "cam"), after));
  const auto steps = History(collector, "cam", {"--json", "--step", "1s"});
  CHECK(std::ranges::all_of(
      steps, [](const std::string& line) { return line.find("\"bucket\"") != std::string::npos; }));
  CHECK(TimeOf(steps.back()) - TimeOf(steps.front()) >= 1s * steps.size());
}

TEST_CASE("history of what is not there says what is") {
  RunningCollector collector;
  RunningAgent agent({.name = "cam", .collector = collector.address()});
  AwaitHistory(collector, "cam", 1);
  const auto fails = [&](const std::vector<std::string>& arguments, const std::string& why) {
    std::vector<std::string> all = {"--collector", collector.address(), "history"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto program = Run("edgefeedctl", all);
    CHECK(program->Wait(kPatience) == 1);
    CHECK(program->Output(Stream::kStdout) == "");
    CHECK(program->Output(Stream::kStderr).starts_with("edgefeedctl: " + why));
  };
  fails({"dog"}, "device 'dog' is not known (edgefeedctl devices lists the names)\n");
  fails({"cam", "--metric", "cpu"}, "no metric 'cpu' of 'cam' in this range; there are agent_");
}

}  // namespace
}  // namespace edgefeed::e2e
