#include "agent/crash/room.h"

#include <sys/statvfs.h>

#include <algorithm>

namespace edgefeed {
namespace {

constexpr std::uint64_t kMinFreeInodes = 100;

}  // namespace

std::optional<Shortage> LacksRoom(const std::filesystem::path& directory, std::uint64_t used,
                                  std::uint64_t more, const CrashConfig& config) {
  struct statvfs stats{};
  if (::statvfs(directory.c_str(), &stats) != 0) return Shortage::kDisk;
  const std::uint64_t block = stats.f_frsize;
  const std::uint64_t quota = std::min(config.max_size.count, stats.f_blocks * block / 10);
  if (used + more > quota) return Shortage::kQuota;
  if (stats.f_bavail * block < config.min_free.count + more) return Shortage::kDisk;
  // Some file systems do not count them.
  if (stats.f_files != 0 && stats.f_favail < kMinFreeInodes) return Shortage::kDisk;
  return std::nullopt;
}

}  // namespace edgefeed
