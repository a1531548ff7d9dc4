#include "collector/uploads/upload_room.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace edgefeed {
namespace {

struct DiskSpace {
  Bytes size;
  Bytes available;
};

Result<DiskSpace> SpaceAt(const std::filesystem::path& directory) {
  struct statvfs status{};
  if (::statvfs(directory.c_str(), &status) != 0) return ErrnoError(directory.string(), errno);
  return DiskSpace{.size = {std::uint64_t{status.f_blocks} * status.f_frsize},
                   .available = {std::uint64_t{status.f_bavail} * status.f_frsize}};
}

std::uint64_t Over(std::uint64_t used, std::uint64_t limit) { return used - std::min(used, limit); }

}  // namespace

// How many bytes are missing of each kind of room.
struct UploadRoom::Need {
  std::uint64_t device_bytes = 0;
  std::uint64_t quota_bytes = 0;
  std::uint64_t disk_bytes = 0;

  [[nodiscard]] bool none() const { return device_bytes + quota_bytes + disk_bytes == 0; }
  [[nodiscard]] DumpUsage fewer() const {
    return {.device_bytes = device_bytes, .all_bytes = std::max(quota_bytes, disk_bytes)};
  }
};

Result<UploadRoom::Need> UploadRoom::NeedOf(const BegunUpload& upload) {
  const auto promised = table_.PromisedToAll();
  if (!promised) return promised.error();
  const auto promised_to_device = table_.PromisedTo(upload.device);
  if (!promised_to_device) return promised_to_device.error();
  const auto kept = dumps_.Usage(upload.device);
  if (!kept) return kept.error();
  const auto disk = SpaceAt(plain_.directory());
  if (!disk) return disk.error();
  const UploadLimits& limits = plain_.limits();
  const std::uint64_t size = upload.size_bytes;
  Need need;
  need.quota_bytes =
      Over(plain_.used().count + promised->bytes + kept->all_bytes + size, limits.quota.count);
  if (!upload.device.empty()) {
    need.device_bytes = Over(
        plain_.used_by(upload.device).count + promised_to_device->bytes + kept->device_bytes + size,
        limits.device_quota.count);
  }
  need.disk_bytes = Over(limits.min_free.Of(disk->size).count + promised->missing_bytes + size,
                         disk->available.count);
  return need;
}

Status UploadRoom::CheckSize(const BegunUpload& upload) const {
  const UploadLimits& limits = plain_.limits();
  const auto larger = [](Bytes most, const std::string& key) {
    return Error{Code::kInvalidArgument, "larger than " + FormatBytes(most) + " (" + key + ")"};
  };
  const Bytes size{upload.size_bytes};
  if (size > limits.max_file_size) return larger(limits.max_file_size, "uploads.max_file_size");
  if (!upload.device.empty() && size > limits.device_quota) {
    return larger(limits.device_quota, "uploads.device_quota");
  }
  return {};
}

Status UploadRoom::CheckFor(const BegunUpload& upload) {
  const auto promised = table_.PromisedTo(upload.device);
  if (!promised) return promised.error();
  if (promised->uploads >= kUploadsOfDevice && !upload.device.empty()) {
    return Error{Code::kResourceExhausted,
                 std::to_string(kUploadsOfDevice) + " uploads of the device are incomplete"};
  }
  auto need = NeedOf(upload);
  if (!need) return need.error();
  if (!need->none()) {
    if (const Status counted = plain_.CountAgain(); !counted) return counted;
    need = NeedOf(upload);
    if (!need) return need.error();
  }
  if (!need->none() && upload.is_dump) {
    if (const Status made = dumps_.MakeRoom(upload.device, need->fewer()); !made) return made;
    need = NeedOf(upload);
    if (!need) return need.error();
  }
  const UploadLimits& limits = plain_.limits();
  const auto full = [](const std::string& what) { return Error{Code::kResourceExhausted, what}; };
  if (need->device_bytes > 0) {
    return full("the device's " + FormatBytes(limits.device_quota) +
                " are used up (uploads.device_quota)");
  }
  if (need->quota_bytes > 0) {
    return full("the collector's " + FormatBytes(limits.quota) +
                " for uploads are used up (uploads.quota)");
  }
  if (need->disk_bytes > 0) return full("the collector's disk is too full (uploads.min_free)");
  return {};
}

Status UploadRoom::Update() {
  const auto promised = table_.PromisedToAll();
  if (!promised) return promised.error();
  const auto kept = dumps_.Usage({});
  if (!kept) return kept.error();
  plain_.SetElsewhere({promised->bytes + kept->all_bytes});
  return {};
}

}  // namespace edgefeed
