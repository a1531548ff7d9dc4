#include "agent/crash/dump_origin.h"

#include <spdlog/spdlog.h>

#include "agent/crash/drop_directory.h"

namespace edgefeed {

bool IsThere(const DumpOrigin& origin) {
  const auto directory = DropDirectory::Open(origin.directory, HardLinks::kOfAnybody);
  if (!directory) return false;
  const auto identity = directory->Find(origin.name);
  return identity && SourceKey(origin.directory, origin.name, *identity) == origin.key;
}

bool RemoveSource(const DumpOrigin& origin) {
  const auto directory = DropDirectory::Open(origin.directory, HardLinks::kOfAnybody);
  if (!directory) return directory.error().code == Code::kNotFound;
  const auto identity = directory->Find(origin.name);
  if (!identity) return identity.error().code == Code::kNotFound;
  if (SourceKey(origin.directory, origin.name, *identity) != origin.key) return true;
  if (const Status removed = directory->Remove(origin.name, *identity); !removed) {
    spdlog::warn("dumps: {}", removed.error().message);
    return false;
  }
  const std::string sidecar = SidecarOf(origin.name);
  if (const auto beside = directory->Find(sidecar)) {
    const Status removed = directory->Remove(sidecar, *beside);
    if (!removed) spdlog::warn("dumps: {}", removed.error().message);
  }
  return true;
}

}  // namespace edgefeed
