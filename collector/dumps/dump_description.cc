#include "collector/dumps/dump_description.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "common/digest/dump_signature.h"

namespace edgefeed {
namespace {

// A device may say what it likes, and sums must not overflow.
constexpr std::uint64_t kMostOccurrences = 1'000'000'000;

std::string ProgramVersion(const DumpInfo& info) {
  if (!info.package.empty()) return info.package;
  for (const DumpModule& module : info.modules) {
    if (module.path == info.executable) return module.build_id;
  }
  return {};
}

std::size_t FramesOf(const DumpInfo& info) {
  return info.threads.empty() ? 0 : info.threads.front().frames.size();
}

template <typename T>
void FillIn(const T& found, T& known) {
  if (known == T{}) known = found;
}

}  // namespace

GroupShare ShareOf(const DumpInfo& info, std::string_view device, WallTime received) {
  GroupShare share;
  share.signature = SignatureOf(info);
  share.executable = info.executable.empty() ? info.command : info.executable;
  share.signal = info.signal;
  share.device = device;
  share.version = ProgramVersion(info);
  const bool dated = info.clock > ClockTrust::kGuess && info.crashed_at <= received;
  share.first_at = dated ? info.crashed_at : received;
  share.last_at = std::clamp(info.last_at, share.first_at, received);
  share.occurrences = std::clamp<std::uint64_t>(info.occurrences, 1, kMostOccurrences);
  return share;
}

DumpInfo Summarize(const DumpInfo& info) {
  DumpInfo summary = info;
  summary.modules.clear();
  summary.threads.clear();
  summary.log_tail.clear();
  summary.metrics = {};
  return summary;
}

void Merge(const DumpInfo& found, DumpInfo& info) {
  FillIn(found.executable, info.executable);
  FillIn(found.command, info.command);
  FillIn(found.pid, info.pid);
  FillIn(found.thread, info.thread);
  FillIn(found.signal, info.signal);
  FillIn(found.signal_code, info.signal_code);
  FillIn(found.fault_address, info.fault_address);
  if (found.modules.size() >= info.modules.size()) info.modules = found.modules;
  if (FramesOf(found) >= FramesOf(info) && !found.threads.empty()) info.threads = found.threads;
}

}  // namespace edgefeed
