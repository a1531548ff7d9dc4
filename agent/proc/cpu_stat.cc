// Reads /proc/stat, through libproc2.
//   cpu  10658 0 3453 295071 1833 0 159 1419 0 0     (ticks: user nice system idle iowait irq
//   cpu0 4341 0 1350 149782 123 0 19 748 0 0          softirq steal; guests count as user)
//   intr 254133 0 0 0 …
//   ctxt 448107
//   btime 1795408181
//   processes 6276
//   procs_running 3
//   procs_blocked 0
#include "agent/proc/cpu_stat.h"

#include <libproc2/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "common/model/metrics.h"

namespace edgefeed {
namespace {

struct Mode {
  stat_item item;
  const char* name;
};
constexpr std::array kModes = {
    Mode{STAT_TIC_USER, "user"},       Mode{STAT_TIC_NICE, "nice"},
    Mode{STAT_TIC_SYSTEM, "system"},   Mode{STAT_TIC_IDLE, "idle"},
    Mode{STAT_TIC_IOWAIT, "iowait"},   Mode{STAT_TIC_IRQ, "irq"},
    Mode{STAT_TIC_SOFTIRQ, "softirq"}, Mode{STAT_TIC_STOLEN, "steal"},
};

struct Summary {
  stat_item item;
  const MetricInfo* metric;
};
constexpr std::array kSummary = {
    // An unsigned long: on a machine of 32 bits the counter begins anew at 2^32, as counters may.
    Summary{STAT_SYS_CTX_SWITCHES, &metrics::kContextSwitches},
    Summary{STAT_SYS_INTERRUPTS, &metrics::kInterrupts},
    Summary{STAT_SYS_TIME_OF_BOOT, &metrics::kBootTime},
    Summary{STAT_SYS_PROC_RUNNING, &metrics::kProcessesRunning},
    Summary{STAT_SYS_PROC_BLOCKED, &metrics::kProcessesBlocked},
};

CpuTicks TicksOf(const stat_stack& cpu) {
  CpuTicks ticks;
  for (std::size_t i = 0; i < kModes.size(); ++i) {
    const std::uint64_t value = cpu.head[i].result.ull_int;
    const bool waiting = kModes[i].item == STAT_TIC_IDLE || kModes[i].item == STAT_TIC_IOWAIT;
    ticks.total += value;
    if (!waiting) ticks.busy += value;
  }
  return ticks;
}

struct UnrefStat {
  void operator()(stat_info* info) const { procps_stat_unref(&info); }
};

class CpuStat final : public Source {
 public:
  explicit CpuStat(stat_info* info)
      : info_(info), ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))) {
    for (std::size_t i = 0; i < kModes.size(); ++i) cpu_items_[i] = kModes[i].item;
    cpu_items_.back() = STAT_TIC_ID;
    for (std::size_t i = 0; i < kSummary.size(); ++i) summary_items_[i] = kSummary[i].item;
  }

  Status Read(MachineState& state) override {
    const stat_reaped* const reaped = procps_stat_reap(
        info_.get(), STAT_REAP_CPUS_ONLY, cpu_items_.data(), static_cast<int>(cpu_items_.size()));
    if (reaped == nullptr) return ErrnoError("/proc/stat", errno);
    state.cpu = TicksOf(*reaped->summary);
    for (std::size_t i = 0; i < kModes.size(); ++i) {
      state.Add(metrics::kCpuAllSeconds, Seconds(reaped->summary->head[i]),
                {{"mode", kModes[i].name}});
    }
    for (int i = 0; i < reaped->cpus->total; ++i) AddCpu(*reaped->cpus->stacks[i], state);
    return ReadSummary(state);
  }

 private:
  [[nodiscard]] double Seconds(const stat_result& ticks) const {
    return static_cast<double>(ticks.result.ull_int) / ticks_per_second_;
  }

  void AddCpu(const stat_stack& cpu, MachineState& state) const {
    const std::string id = std::to_string(cpu.head[kModes.size()].result.s_int);
    for (std::size_t i = 0; i < kModes.size(); ++i) {
      state.Add(metrics::kCpuSeconds, Seconds(cpu.head[i]),
                {{"cpu", id}, {"mode", kModes[i].name}});
    }
  }

  // libproc2 offers these only to "select", which reads the file a second time.
  Status ReadSummary(MachineState& state) {
    const stat_stack* const stack = procps_stat_select(info_.get(), summary_items_.data(),
                                                       static_cast<int>(summary_items_.size()));
    if (stack == nullptr) return ErrnoError("/proc/stat", errno);
    for (std::size_t i = 0; i < kSummary.size(); ++i) {
      state.Add(*kSummary[i].metric, static_cast<double>(stack->head[i].result.ul_int));
    }
    return {};
  }

  std::unique_ptr<stat_info, UnrefStat> info_;
  double ticks_per_second_;
  std::array<stat_item, kModes.size() + 1> cpu_items_{};
  std::array<stat_item, kSummary.size()> summary_items_{};
};

}  // namespace

SourceResult OpenCpuStat() {
  stat_info* info = nullptr;
  if (const int failed = procps_stat_new(&info); failed < 0) {
    return ErrnoError("/proc/stat", -failed);
  }
  return std::unique_ptr<Source>(std::make_unique<CpuStat>(info));
}

}  // namespace edgefeed
