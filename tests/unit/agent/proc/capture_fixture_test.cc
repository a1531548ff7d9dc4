// scripts/capture-fixture makes a tree that our parsers read as they read this machine.
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "agent/proc/linux_kernel.h"
#include "common/base/file.h"
#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

std::set<std::string> Names(const KernelRoots& roots) {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open(roots, clock);
  REQUIRE(kernel);
  std::set<std::string> names;
  for (const auto& [name, value] : ByName((*kernel)->Read())) names.insert(name);
  names.erase("processes");  // Not captured.
  return names;
}

}  // namespace

TEST_CASE("a captured machine has the same series as the machine") {
  const TemporaryDirectory directory;
  const auto tree = directory.path() / "tree";
  const std::string script = EDGEFEED_SOURCE_DIR "/scripts/capture-fixture";
  REQUIRE(std::system((script + " " + tree.string() + " >/dev/null").c_str()) == 0);  // NOLINT

  CHECK(Names({tree / "proc", tree / "sys"}) == Names({}));

  const auto live = ReadSmallFile("/proc/sys/kernel/random/boot_id");
  const auto captured = ReadSmallFile(tree / "proc/sys/kernel/random/boot_id");
  REQUIRE(captured);
  CHECK(*captured != *live);
  CHECK_FALSE(std::filesystem::exists(tree / "proc/self/environ"));
}

}  // namespace edgefeed
