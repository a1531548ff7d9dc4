// Reads /proc/diskstats, through libproc2.
//   254 0 vda 53609 11159 3552450 35461 26334 9130 2931376 10238 0 24700 46274 …
//   (major minor name, reads merged sectors ms, writes merged sectors ms, in flight, ms busy, …)
// and /sys/block/vda/device, which only disks have.
#include "agent/proc/diskstats.h"

#include <libproc2/diskstats.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/proc/directory.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr double kSectorBytes = 512;  // Whatever the disk's own sectors are.
constexpr double kMillisecond = 1e-3;

enum DiskPosition { kName, kInFlight, kCounters };

struct Counter {
  diskstats_item item;
  const MetricInfo* metric;
  double scale;
};
constexpr std::array kDiskCounters = {
    Counter{DISKSTATS_READS, &metrics::kDiskReads, 1},
    Counter{DISKSTATS_READ_SECTORS, &metrics::kDiskReadBytes, kSectorBytes},
    Counter{DISKSTATS_WRITES, &metrics::kDiskWrites, 1},
    Counter{DISKSTATS_WRITE_SECTORS, &metrics::kDiskWrittenBytes, kSectorBytes},
    Counter{DISKSTATS_IO_TIME, &metrics::kDiskIoSeconds, kMillisecond},
};

struct UnrefDiskstats {
  void operator()(diskstats_info* info) const { procps_diskstats_unref(&info); }
};

class Diskstats final : public Source {
 public:
  Diskstats(diskstats_info* info, KernelRoots roots) : info_(info), roots_(std::move(roots)) {
    items_[kName] = DISKSTATS_NAME;
    items_[kInFlight] = DISKSTATS_IO_INPROGRESS;
    for (std::size_t i = 0; i < kDiskCounters.size(); ++i) {
      items_[kCounters + i] = kDiskCounters[i].item;
    }
  }

  Status Refresh() override {
    disks_ = WholeDisks(roots_);
    return {};
  }

  Status Read(MachineState& state) override {
    const diskstats_reaped* const reaped =
        procps_diskstats_reap(info_.get(), items_.data(), static_cast<int>(items_.size()));
    if (reaped == nullptr) return ErrnoError("/proc/diskstats", errno);
    for (int i = 0; i < reaped->total; ++i) AddDisk(*reaped->stacks[i], state);
    return {};
  }

 private:
  void AddDisk(const diskstats_stack& disk, MachineState& state) const {
    const std::string_view name = disk.head[kName].result.str;
    if (!disks_.contains(name)) return;
    const Labels labels = {{"device", std::string(name)}};
    state.Add(metrics::kDiskIoInFlight, disk.head[kInFlight].result.s_int, labels);
    for (std::size_t i = 0; i < kDiskCounters.size(); ++i) {
      const auto value = static_cast<double>(disk.head[kCounters + i].result.ul_int);
      state.Add(*kDiskCounters[i].metric, value * kDiskCounters[i].scale, labels);
    }
  }

  std::unique_ptr<diskstats_info, UnrefDiskstats> info_;
  KernelRoots roots_;
  std::set<std::string, std::less<>> disks_;
  std::array<diskstats_item, kCounters + kDiskCounters.size()> items_{};
};

}  // namespace

std::set<std::string, std::less<>> WholeDisks(const KernelRoots& roots) {
  std::set<std::string, std::less<>> disks;
  for (std::string name : EntriesOf(roots.sys / "block")) {
    std::error_code error;
    if (!std::filesystem::exists(roots.sys / "block" / name / "device", error)) continue;
    std::ranges::replace(name, '!', '/');  // cciss!c0d0 is cciss/c0d0.
    disks.insert(std::move(name));
  }
  return disks;
}

SourceResult OpenDiskstats(const KernelRoots& roots) {
  diskstats_info* info = nullptr;
  if (const int failed = procps_diskstats_new(&info); failed < 0) {
    return ErrnoError("/proc/diskstats", -failed);
  }
  return std::unique_ptr<Source>(std::make_unique<Diskstats>(info, roots));
}

}  // namespace edgefeed
