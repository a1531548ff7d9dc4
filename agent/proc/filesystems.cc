#include "agent/proc/filesystems.h"

#include <poll.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <vector>

#include "agent/proc/kernel_file.h"
#include "agent/proc/mountinfo.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

struct Filesystem {
  std::string mountpoint;
  Labels labels;
};

void Add(const struct statvfs& space, const Labels& labels, MachineState& state) {
  const auto bytes = [&](fsblkcnt_t blocks) {
    return static_cast<double>(blocks) * static_cast<double>(space.f_frsize);
  };
  state.Add(metrics::kFilesystemSize, bytes(space.f_blocks), labels);
  state.Add(metrics::kFilesystemFree, bytes(space.f_bfree), labels);
  state.Add(metrics::kFilesystemAvailable, bytes(space.f_bavail), labels);
  state.Add(metrics::kFilesystemReadonly, (space.f_flag & ST_RDONLY) != 0 ? 1 : 0, labels);
  if (space.f_files == 0) return;  // Has no fixed number of inodes: btrfs, vfat.
  state.Add(metrics::kFilesystemInodes, static_cast<double>(space.f_files), labels);
  state.Add(metrics::kFilesystemInodesFree, static_cast<double>(space.f_ffree), labels);
}

class Filesystems final : public Source {
 public:
  explicit Filesystems(KernelFile mountinfo) : mountinfo_(std::move(mountinfo)) {}

  Status Refresh() override {
    const auto text = mountinfo_.ReadText();
    if (!text) return text.error();
    filesystems_.clear();
    for (const Mount& mount : LocalFilesystems(ParseMountinfo(*text))) {
      filesystems_.push_back(
          {mount.mountpoint, {{"fstype", mount.fstype}, {"mountpoint", mount.mountpoint}}});
    }
    return {};
  }

  Status Read(MachineState& state) override {
    if (MountsChanged()) {
      if (Status refreshed = Refresh(); !refreshed) return refreshed;
    }
    Status status;
    for (const Filesystem& filesystem : filesystems_) {
      struct statvfs space{};
      if (::statvfs(filesystem.mountpoint.c_str(), &space) != 0) {
        status = ErrnoError(filesystem.mountpoint, errno);
      } else if (space.f_blocks != 0) {
        Add(space, filesystem.labels, state);
      }
    }
    return status;
  }

 private:
  // proc(5): a change of the mounts shows as POLLPRI.
  [[nodiscard]] bool MountsChanged() const {
    pollfd changed{.fd = mountinfo_.fd(), .events = POLLPRI, .revents = 0};
    return ::poll(&changed, 1, 0) > 0;
  }

  KernelFile mountinfo_;
  std::vector<Filesystem> filesystems_;
};

}  // namespace

SourceResult OpenFilesystems(const KernelRoots& roots) {
  auto mountinfo = KernelFile::Open(roots.proc / "self/mountinfo");
  if (!mountinfo) return mountinfo.error();
  return std::unique_ptr<Source>(std::make_unique<Filesystems>(*std::move(mountinfo)));
}

}  // namespace edgefeed
