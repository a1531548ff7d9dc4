// Dumps on their way from the agent to the collector.

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "common/digest/sha256.h"
#include "tests/e2e/rig.h"
#include "tests/support/faulty_proxy.h"
#include "tests/support/soak.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unpacked.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

std::string Content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string RandomBytes(std::size_t size, std::mt19937_64& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// A collector, an agent that reaches it through a network that counts, and a directory for dumps.
class DumpRig {
 public:
  explicit DumpRig(const std::string& more_of_dumps = "upload_rate: 0B")
      : proxy_(collector_.port()),
        agent_({.name = "crashing",
                .collector = "127.0.0.1:" + std::to_string(proxy_.port()),
                .more = "crash_dumps: {directories: ['" + drop_.path().string() +
                        "'], systemd_directory: '', mode: full, full_limit: 1GiB, " +
                        more_of_dumps + "}"}) {}

  // As a careful producer does it.
  [[nodiscard]] fs::path Drop(const std::string& name, const std::string& bytes) const {
    const fs::path hidden = drop_.Write("." + name, bytes);
    fs::rename(hidden, drop_.path() / name);
    return drop_.path() / name;
  }

  // What the collector keeps of dumps.
  [[nodiscard]] std::vector<fs::path> Stored() const {
    std::vector<fs::path> files;
    const fs::path store = collector_.directory() / "data" / "dumps" / "store";
    if (!fs::exists(store)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(store)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }
  // Exactly one dump, of these bytes, under its digest's name.
  void CheckStored(const std::string& bytes) const {
    const auto files = Stored();
    REQUIRE(files.size() == 1);
    const std::string stored = Content(files[0]);
    CHECK(files[0].filename() == ToString(Sha256Of(stored)));
    CHECK((Unpacked(stored) == bytes));
  }

  RunningCollector& collector() { return collector_; }
  RunningAgent& agent() { return agent_; }
  [[nodiscard]] std::uint64_t forwarded_bytes() const { return proxy_.forwarded_bytes(); }

 private:
  TempDir drop_;
  RunningCollector collector_;
  FaultyProxy proxy_;
  RunningAgent agent_;
};

bool AwaitGone(const fs::path& file) {
  return Await([&] { return !fs::exists(file); }, 2 * kPatience);
}

TEST_CASE("a dump in the directory arrives as it is, and only then its source is removed") {
  DumpRig rig;
  std::mt19937_64 random(1);
  const std::string bytes = RandomBytes(20 * kMiB, random);

  const fs::path source = rig.Drop("program.core", bytes);

  REQUIRE(AwaitGone(source));
  rig.CheckStored(bytes);
  CHECK(rig.agent().program().WaitForLine("delivered", kPatience));
}

TEST_CASE("an agent that stops in the middle of an upload ends cleanly, and goes on later") {
  DumpRig rig("upload_rate: 1MiB");
  std::mt19937_64 random(2);
  const std::string bytes = RandomBytes(4 * kMiB, random);
  const fs::path source = rig.Drop("program.core", bytes);
  REQUIRE(Await([&] { return rig.forwarded_bytes() > kMiB; }));

  rig.agent().program().Signal(SIGTERM);
  CHECK(rig.agent().program().Wait(5s) == 0);
  CHECK(fs::exists(source));
  rig.agent().Start();

  REQUIRE(AwaitGone(source));
  rig.CheckStored(bytes);
}

TEST_CASE(
    "either side is killed in the middle of uploads: each dump arrives once, as it was, and "
    "little is sent twice" *
    doctest::test_suite("soak")) {
  const int trials = LongOrShort(40, 6);
  std::mt19937_64 random(Seed(20'261'125));
  const auto moment = [&](std::uint64_t most_ms) {
    return std::chrono::milliseconds(random() % most_ms);
  };
  for (int trial = 0; trial < trials; ++trial) {
    CAPTURE(trial);
    DumpRig rig;
    INFO("agent: " << rig.agent().program().Output(Stream::kStderr));
    INFO("collector: " << rig.collector().program().Output(Stream::kStderr));
    const std::string bytes = RandomBytes((16 + random() % 49) * kMiB, random);
    const std::uint64_t kills = 1 + random() % 5;
    const fs::path source = rig.Drop("program.core", bytes);

    for (std::uint64_t kill = 0; kill < kills; ++kill) {
      LetPass(moment(2000));
      if (random() % 2 == 0) {
        rig.collector().program().Kill();
        rig.collector().Start();
      } else {
        rig.agent().program().Kill();
        rig.agent().Start();
      }
    }
    REQUIRE(AwaitGone(source));

    rig.CheckStored(bytes);
    const std::uint64_t stored = fs::file_size(rig.Stored()[0]);
    MESSAGE(kills << " kills, " << stored << " bytes, " << rig.forwarded_bytes() << " on the line");
    // The messages' own bytes, and the samples.
    CHECK(rig.forwarded_bytes() <= stored + stored / 100 + kMiB + kills * 8 * kMiB);
  }
}

}  // namespace
}  // namespace edgefeed::e2e
