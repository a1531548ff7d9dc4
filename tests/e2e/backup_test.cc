// A backup is made while samples come, the collector is killed, and the backup takes its place.

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/base/file.h"
#include "tests/e2e/device.h"
#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Takes samples until it is stopped.
class Load {
 public:
  explicit Load(Device& device)
      : thread_([&device](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            device.Take(5);
            LetPass(5ms);
          }
        }) {}

 private:
  std::jthread thread_;
};

// Chunks are written for good when a collector stops, or minutes later.
void Restart(RunningCollector& collector) {
  collector.program().Signal(SIGTERM);
  CHECK(collector.program().Wait(kPatience) == 0);
  collector.Start();
}

void Kill(RunningCollector& collector) {
  collector.program().Kill();
  static_cast<void>(collector.program().Wait(kPatience));
}

bool AwaitAcknowledged(const Device& device, std::uint64_t count) {
  return Await([&] { return device.counts().acknowledged >= count; });
}

bool AwaitDelivered(const Device& device) {
  return Await([&] { return device.counts().queued == 0; });
}

void CheckVerifies(const fs::path& path) {
  const auto verify = Run("edgefeedctl", {"verify", path.string()});
  CHECK(verify->Wait(kPatience) == 0);
  CHECK(verify->Output(Stream::kStdout).ends_with(": all whole\n"));
}

// With one byte of a file flipped.
void CheckNamesDamageOf(const fs::path& backup, const fs::path& file, std::size_t at) {
  const std::string good = *ReadSmallFile(file);
  std::string bad = good;
  REQUIRE(at < bad.size());
  bad[at] = static_cast<char>(~bad[at]);
  std::ofstream(file, std::ios::binary) << bad;
  const auto verify = Run("edgefeedctl", {"verify", backup.string()});
  CHECK(verify->Wait(kPatience) == 1);
  CHECK(verify->Output(Stream::kStdout).starts_with(file.string() + ": "));
  std::ofstream(file, std::ios::binary) << good;
}

fs::path OnlyFileOf(const fs::path& directory) {
  const fs::directory_iterator first(directory);
  REQUIRE(first != fs::directory_iterator());
  return first->path();
}

void CheckBacksUp(const RunningCollector& collector, const fs::path& backup) {
  const auto program =
      Run("edgefeedctl", {"--collector", collector.address(), "backup", backup.string()});
  CHECK(program->Wait(kPatience) == 0);
  const std::string out = program->Output(Stream::kStdout);
  CHECK_MESSAGE(out.find(", 1 device, ") != std::string::npos, out);
  CHECK(out.ends_with(", verified\n"));
  CHECK(fs::exists(OnlyFileOf(backup / "raw")));
}

// With some in chunks and some in the log. Returns how many were acknowledged before it began.
std::uint64_t BackUpInMidStream(Device& device, RunningCollector& collector,
                                const fs::path& backup) {
  const Load load(device);
  REQUIRE(AwaitAcknowledged(device, 500));
  Restart(collector);
  // All taken until here may be in chunks: the log begins with what comes now.
  REQUIRE(AwaitAcknowledged(device, device.taken() + 500));
  const std::uint64_t acknowledged = device.counts().acknowledged;
  CheckBacksUp(collector, backup);
  return acknowledged;
}

void Restore(const fs::path& backup, const fs::path& data) {
  fs::remove_all(data);
  fs::create_directories(data);
  fs::copy(backup, data / "history", fs::copy_options::recursive);
}

TEST_CASE("a backup in mid-stream, restored, has what was acknowledged before it, once") {
  RunningCollector collector("rules: []");
  const fs::path data = collector.directory() / "data";
  const TempDir home;
  const fs::path backup = home.path() / "backup";
  std::uint64_t acknowledged = 0;
  std::uint64_t taken = 0;
  {
    Device device({.name = "loaded",
                   .collector_port = collector.port(),
                   .state_dir = home.path() / "device"});
    acknowledged = BackUpInMidStream(device, collector, backup);
    CHECK_FALSE(fs::exists(data / "backup"));
    Kill(collector);
    CheckVerifies(backup);
    Restore(backup, data);
    collector.Start();
    // Among them what was not acknowledged, whether it is in the backup or not.
    device.Take(10);
    REQUIRE(AwaitDelivered(device));
    taken = device.taken();
  }
  Kill(collector);

  const StoredNumbers numbers = CheckNumbers(ReadStored(data, "loaded", "number"), taken);
  CHECK(numbers.doubled.empty());
  CHECK(numbers.unexpected.empty());
  // What came after the backup, and was acknowledged by a collector that is gone.
  if (!numbers.missing.empty()) CHECK(numbers.missing.front() > acknowledged);

  CheckNamesDamageOf(backup, OnlyFileOf(backup / "names"), 20);
  CheckNamesDamageOf(backup, OnlyFileOf(backup / "log"), 40);
  const fs::path raw = OnlyFileOf(backup / "raw");
  CheckNamesDamageOf(backup, raw, ReadSmallFile(raw)->rfind("\x28\xB5\x2F\xFD"));
  CheckVerifies(backup);
}

}  // namespace
}  // namespace edgefeed::e2e
