// Reads /proc/meminfo, through libproc2.
//   MemTotal:         365916 kB
//   MemFree:          121476 kB
//   MemAvailable:     292088 kB     (absent before Linux 3.14)
//   Buffers:           14540 kB
//   Cached:           160284 kB
//   SwapTotal:             0 kB
//   SwapFree:              0 kB
#include "agent/proc/meminfo.h"

#include <libproc2/meminfo.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr const char* kPath = "/proc/meminfo";  // Where libproc2 reads, whatever the roots.

enum MemoryPosition {
  kTotal,
  kFree,
  kAvailable,
  kBuffers,
  kCached,
  kSwapTotal,
  kSwapFree,
  kPositions
};

struct Field {
  meminfo_item item;
  std::string_view name;
  const MetricInfo* metric;
};
constexpr std::array<Field, kPositions> kFields = {{
    {MEMINFO_MEM_TOTAL, "MemTotal", &metrics::kMemoryTotal},
    {MEMINFO_MEM_FREE, "MemFree", &metrics::kMemoryFree},
    {MEMINFO_MEM_AVAILABLE, "MemAvailable", &metrics::kMemoryAvailable},
    {MEMINFO_MEM_BUFFERS, "Buffers", &metrics::kMemoryBuffers},
    {MEMINFO_MEM_CACHED, "Cached", &metrics::kMemoryCached},
    {MEMINFO_SWAP_TOTAL, "SwapTotal", &metrics::kSwapTotal},
    {MEMINFO_SWAP_FREE, "SwapFree", &metrics::kSwapFree},
}};

double BytesOf(std::uint64_t kib) { return static_cast<double>(kib) * 1024; }

struct UnrefMeminfo {
  void operator()(meminfo_info* info) const { procps_meminfo_unref(&info); }
};

class Meminfo final : public Source {
 public:
  Meminfo(meminfo_info* info, const std::set<std::string, std::less<>>& fields) : info_(info) {
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      items_[i] = kFields[i].item;
      present_[i] = fields.contains(kFields[i].name);
    }
  }

  Status Read(MachineState& state) override {
    const meminfo_stack* const stack =
        procps_meminfo_select(info_.get(), items_.data(), static_cast<int>(items_.size()));
    if (stack == nullptr) return ErrnoError(kPath, errno);
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (present_[i]) state.Add(*kFields[i].metric, BytesOf(stack->head[i].result.ul_int));
    }
    AddUsed(*stack, state);
    return {};
  }

 private:
  void AddUsed(const meminfo_stack& stack, MachineState& state) const {
    const auto kib = [&](MemoryPosition at) { return std::uint64_t{stack.head[at].result.ul_int}; };
    if (present_[kTotal] && present_[kFree]) {
      MemoryKib memory{kib(kTotal), kib(kFree), kib(kBuffers), kib(kCached), {}};
      if (present_[kAvailable]) memory.available = kib(kAvailable);
      const std::uint64_t used = UsedKib(memory);
      state.memory_used_mib = static_cast<double>(used) / 1024;
      state.Add(metrics::kMemoryUsed, BytesOf(used));
    }
    if (present_[kSwapTotal] && present_[kSwapFree]) {
      state.Add(metrics::kSwapUsed,
                BytesOf(kib(kSwapTotal) - std::min(kib(kSwapTotal), kib(kSwapFree))));
    }
  }

  std::unique_ptr<meminfo_info, UnrefMeminfo> info_;
  std::array<meminfo_item, kPositions> items_{};
  std::array<bool, kPositions> present_{};
};

}  // namespace

std::set<std::string, std::less<>> MeminfoFields(std::string_view text) {
  std::set<std::string, std::less<>> names;
  while (const auto line = NextLine(text)) {
    const auto colon = line->find(':');
    if (colon != std::string_view::npos) names.emplace(line->substr(0, colon));
  }
  return names;
}

std::uint64_t UsedKib(const MemoryKib& memory) {
  const std::uint64_t unused =
      memory.available.value_or(memory.free + memory.buffers + memory.cached);
  return memory.total - std::min(memory.total, unused);
}

SourceResult OpenMeminfo() {
  const auto text = ReadSmallFile(kPath);
  if (!text) return text.error();
  meminfo_info* info = nullptr;
  if (const int failed = procps_meminfo_new(&info); failed < 0) return ErrnoError(kPath, -failed);
  return std::unique_ptr<Source>(std::make_unique<Meminfo>(info, MeminfoFields(*text)));
}

}  // namespace edgefeed
