#include <doctest/doctest.h>

#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"

namespace edgefeed {
namespace {

// What bash offers after `words` (a bash array, the last of it being typed).
std::string Offered(const std::string& words, const FakeCollector& collector) {
  const Outcome outcome = RunBash(
      "source <(\"$EDGEFEEDCTL\" completion bash) || exit\n"
      "COMP_WORDS=(\"$EDGEFEEDCTL\" " +
          words +
          ") COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
          "_edgefeedctl; echo \"${COMPREPLY[*]}\"",
      {"EDGEFEED_COLLECTOR=" + collector.address()});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err == "");
  return outcome.out;
}

TEST_CASE("bash completes commands, options and the names of devices") {
  const FakeCollector collector(
      {.devices = {KnownDevice("cam-01"), KnownDevice("cam-02"), KnownDevice("hub")}});

  CHECK(Offered("wa", collector) == "watch\n");
  CHECK(Offered("--js", collector) == "--json\n");
  CHECK(Offered("watch --re", collector) == "--readings\n");
  CHECK(Offered("devices --re", collector) == "\n");
  CHECK(Offered("snapshot ''", collector) == "cam-01 cam-02 hub\n");
  CHECK(Offered("--json watch cam", collector) == "cam-01 cam-02\n");
  CHECK(Offered("history --metric cpu_usage cam", collector) == "cam-01 cam-02\n");
  CHECK(Offered("history cam-01 --metric mem", collector) == "memory_mb\n");
  CHECK(Offered("history cam-01 --cs", collector) == "--csv\n");
  CHECK(Offered("backup /us", collector).find("/usr") != std::string::npos);
  CHECK(Offered("verify /bin/bas", collector).find("/bin/bash") != std::string::npos);
  CHECK(Offered("upload --name x /bin/bas", collector).find("/bin/bash") != std::string::npos);
}

TEST_CASE("bash asks the collector that the line names, and copes without one") {
  const FakeCollector collector({.devices = {KnownDevice("cam-01")}});

  CHECK(Offered("--collector 127.0.0.1:1 snapshot ''", collector) == "\n");
}

}  // namespace
}  // namespace edgefeed
