// Counts, in /proc, the directories of processes.
//   1  2  17  6284  cpuinfo  meminfo  self
#include "agent/proc/process_count.h"

#include "agent/proc/directory.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

class ProcessCount final : public Source {
 public:
  explicit ProcessCount(Directory proc) : proc_(std::move(proc)) {}

  Status Refresh() override {
    const auto count = proc_.CountNumbered();
    if (!count) return count.error();
    count_ = *count;
    return {};
  }

  Status Read(MachineState& state) override {
    // Never 0 on a running machine: a tree without processes is a captured one.
    if (count_ != 0) state.Add(metrics::kProcesses, static_cast<double>(count_));
    return {};
  }

 private:
  Directory proc_;
  std::size_t count_ = 0;
};

}  // namespace

SourceResult OpenProcessCount(const KernelRoots& roots) {
  auto proc = Directory::Open(roots.proc);
  if (!proc) return proc.error();
  return std::unique_ptr<Source>(std::make_unique<ProcessCount>(*std::move(proc)));
}

}  // namespace edgefeed
