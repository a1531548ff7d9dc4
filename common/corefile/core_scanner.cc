#include "common/corefile/core_scanner.h"

#include <algorithm>
#include <utility>

#include "common/corefile/core_front.h"
#include "common/corefile/stream_cutter.h"

namespace edgefeed {
namespace {

// Program headers and build id stand in the first hundreds of bytes, and the kernel dumps a page.
constexpr std::uint64_t kHeadBytes = 8192;
// As many as a description holds.
constexpr std::size_t kMaxModules = 1024;
constexpr std::size_t kMaxThreads = 256;

DumpFrame FrameAt(std::uint64_t address, const std::vector<CoreModule>& modules) {
  const CoreModule* const found = ModuleAt(modules, address);
  if (found == nullptr) return {.offset = address};
  return {.module = found->module.path,
          .build_id = found->module.build_id,
          .offset = address - found->load_bias};
}

// Those without a build id go first when there are too many: they are mostly data.
void DescribeModules(const std::vector<CoreModule>& modules, CoreSummary& core) {
  std::size_t surplus = modules.size() - std::min(modules.size(), kMaxModules);
  for (const CoreModule& module : modules) {
    if (surplus > 0 && module.module.build_id.empty()) {
      --surplus;
    } else if (core.modules.size() < kMaxModules) {
      core.modules.push_back(module.module);
      core.load_biases.push_back(module.load_bias);
    }
  }
}

std::vector<DumpThread> DescribeThreads(const CoreFacts& facts) {
  std::vector<DumpThread> threads;
  for (const ThreadStatus& status : facts.threads) {
    if (threads.size() == kMaxThreads) break;
    DumpThread& thread = threads.emplace_back();
    thread.id = status.id;
    if (status.pc) thread.frames.push_back(FrameAt(*status.pc, facts.modules));
  }
  if (!threads.empty()) threads.front().registers = facts.registers;
  return threads;
}

}  // namespace

struct CoreScanner::Impl {
  Impl() : front(nullptr) {}

  // The beginnings of modules that the core has, in the file's order.
  void FindHeads() {
    std::vector<std::pair<FileRange, std::size_t>> found;
    const std::vector<CoreModule>& modules = front.facts().modules;
    for (std::size_t i = 0; i < modules.size(); ++i) {
      const std::uint64_t start = modules[i].module.start;
      const ElfSegment* const segment = front.segments().Holding(start);
      if (!modules[i].starts_with_file || segment == nullptr) continue;
      const std::uint64_t skipped = start - segment->address;
      if (skipped >= segment->file_bytes) continue;
      const std::uint64_t bytes = std::min(segment->file_bytes - skipped, kHeadBytes);
      found.push_back({{.offset = segment->offset + skipped, .bytes = bytes}, i});
    }
    std::ranges::stable_sort(found, {}, [](const auto& item) { return item.first.offset; });
    std::vector<FileRange> ranges;
    for (const auto& [range, module] : found) {
      if (!ranges.empty() && ranges.back().end() > range.offset) continue;
      ranges.push_back(range);
      head_modules.push_back(module);
    }
    cutter = StreamCutter(std::move(ranges), front.position());
  }

  void TakeHead(std::size_t index, std::string_view bytes) {
    if (index != head_index) ReadHead();
    head_index = index;
    head.append(bytes);
  }

  void ReadHead() {
    if (!head.empty()) ReadModuleHead(head, front.facts().modules[head_modules[head_index]]);
    head.clear();
  }

  CoreFront front;
  bool in_memory = false;
  StreamCutter cutter;
  std::vector<std::size_t> head_modules;  // Of each range of the cutter.
  std::size_t head_index = 0;
  std::string head;
};

CoreScanner::CoreScanner() : impl_(std::make_unique<Impl>()) {}
CoreScanner::~CoreScanner() = default;

void CoreScanner::Update(std::string_view bytes) {
  Impl& impl = *impl_;
  if (!impl.in_memory) {
    impl.front.Update(bytes);
    if (impl.front.progress() != CoreFront::Progress::kDone) return;
    impl.in_memory = true;
    impl.FindHeads();
  }
  impl.cutter.Update(
      bytes, [&impl](std::size_t index, std::string_view piece) { impl.TakeHead(index, piece); });
}

std::optional<std::uint64_t> CoreScanner::core_bytes() const { return impl_->front.core_bytes(); }

CoreSummary CoreScanner::Finish() {
  Impl& impl = *impl_;
  impl.front.Finish();
  impl.ReadHead();
  CoreSummary core;
  core.is_core = impl.front.is_core() && impl.front.progress() != CoreFront::Progress::kNoCore;
  if (!core.is_core) return core;
  const CoreFacts& facts = impl.front.facts();
  core.core_bytes = impl.front.core_bytes().value_or(0);
  core.truncated = !impl.in_memory || impl.cutter.position() < core.core_bytes;
  core.signal_code = facts.signal_code;
  core.fault_address = facts.fault_address;
  core.uid = facts.uid;
  core.command = facts.command;
  core.threads = DescribeThreads(facts);
  DescribeModules(facts.modules, core);
  if (!facts.threads.empty()) {
    core.thread = facts.threads.front().id;
    core.signal = facts.threads.front().signal;
  }
  core.signal = facts.signal.value_or(core.signal);
  core.pid = facts.pid.value_or(core.thread);
  if (facts.entry) {
    const CoreModule* const program = ModuleAt(facts.modules, *facts.entry);
    if (program != nullptr) core.executable = program->module.path;
  }
  return core;
}

void Describe(const CoreSummary& core, DumpInfo& info) {
  if (!core.is_core) return;
  if (info.signal == 0) info.signal = core.signal;
  if (info.signal == core.signal && info.signal_code == 0) {
    info.signal_code = core.signal_code;
    info.fault_address = core.fault_address;
  }
  if (info.pid == 0) info.pid = core.pid;
  if (info.thread == 0) info.thread = core.thread;
  if (info.uid == 0) info.uid = core.uid;
  if (info.command.empty()) info.command = core.command;
  if (info.executable.empty()) info.executable = core.executable;
  if (info.modules.empty()) info.modules = core.modules;
  if (info.threads.empty()) info.threads = core.threads;
  if (info.original_bytes == 0) info.original_bytes = core.core_bytes;
  info.truncated = info.truncated || core.truncated;
}

}  // namespace edgefeed
