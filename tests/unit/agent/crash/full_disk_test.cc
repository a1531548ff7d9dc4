#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <random>
#include <string>

#include "common/base/unique_fd.h"
#include "tests/support/private_disk.h"
#include "tests/unit/agent/crash/crash_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace fs = std::filesystem;

// Leaves about so many bytes free.
void FillDisk(const fs::path& directory, std::uint64_t free_bytes) {
  const UniqueFd filler(::open((directory / "filler").c_str(), O_CREAT | O_WRONLY, 0600));
  const std::string block(4096, 'x');
  while (fs::space(directory).available > free_bytes) {
    if (::write(filler.get(), block.data(), block.size()) <= 0) break;
  }
}

std::string Noise() {
  std::string noise(200'000, '\0');
  std::mt19937 random(1);
  for (char& byte : noise) byte = static_cast<char>(random());
  return noise;
}

std::size_t Leftovers(const fs::path& directory) {
  std::size_t left = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    left += entry.path().extension() == ".tmp" || entry.path().extension() == ".dump" ? 1 : 0;
  }
  return left;
}

std::string OnFullDisk(std::uint64_t free_bytes) {
  CrashRig rig;
  const fs::path spool = rig.spool_directory();
  if (!MountPrivateDisk(spool, "4m")) return "no mount";
  rig.Start();
  FillDisk(spool, free_bytes);
  rig.Drop("app", Noise());
  rig.Wait(5min);
  const auto before = rig.Sealed();
  std::string report =
      before.empty() ? "nothing" : before[0].info.missing + std::to_string(before[0].size_bytes);
  report += " sealed, " + std::to_string(Leftovers(spool)) + " left over";
  fs::remove(spool / "filler");
  rig.Wait(2min);
  const auto after = rig.Sealed();
  return report + "; then " + std::to_string(after.size()) + " of " +
         std::to_string(after.at(0).size_bytes > 0 ? Unpacked(rig.Bytes(after[0])).size() : 0);
}

TEST_CASE("a disk that fills up costs the bytes of the dump, and nothing else") {
  const std::string report = InChild([] { return OnFullDisk(100 << 10); });
  if (report == "no mount") {
    MESSAGE("SKIPPED: this machine lets nobody mount a tmpfs in a namespace of its own");
    return;
  }
  CHECK(report == "disk_full0 sealed, 0 left over; then 1 of 0");
}

TEST_CASE("when the disk takes nothing at all the dump waits where it is") {
  const std::string report = InChild([] { return OnFullDisk(0); });
  if (report == "no mount") {
    MESSAGE("SKIPPED: this machine lets nobody mount a tmpfs in a namespace of its own");
    return;
  }
  CHECK(report == "nothing sealed, 0 left over; then 1 of 200000");
}

}  // namespace
}  // namespace edgefeed
