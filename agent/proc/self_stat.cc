// Parses /proc/self/stat.
//   6284 (edgefeed-agent) R 6272 6272 3527 0 -1 4194304 98 0 0 0 12 7 0 0 20 0 5 0 156098 …
// (pid, name, then fields 3 to 52: 14 and 15 user and system ticks, 20 threads, 24 resident pages)
// The name may hold blanks and parentheses.
#include "agent/proc/self_stat.h"

#include <unistd.h>

#include <map>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

class SelfStatSource final : public Source {
 public:
  SelfStatSource(KernelFile file, Directory descriptors)
      : file_(std::move(file)),
        descriptors_(std::move(descriptors)),
        ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))),
        page_bytes_(static_cast<double>(::sysconf(_SC_PAGESIZE))) {}

  Status Read(MachineState& state) override {
    const auto text = file_.ReadText();
    if (!text) return text.error();
    const auto stat = ParseSelfStat(*text);
    if (!stat) return Error{Code::kDataLoss, file_.path() + ": cut short"};
    const auto ticks = static_cast<double>(stat->user_ticks + stat->system_ticks);
    state.Add(metrics::kAgentCpuSeconds, ticks / ticks_per_second_);
    state.Add(metrics::kAgentThreads, static_cast<double>(stat->threads));
    state.Add(metrics::kAgentResidentMemory,
              static_cast<double>(stat->resident_pages) * page_bytes_);
    const auto open = descriptors_.CountNumbered();
    if (!open) return open.error();
    state.Add(metrics::kAgentOpenFds, static_cast<double>(*open));
    return {};
  }

 private:
  KernelFile file_;
  Directory descriptors_;
  double ticks_per_second_;
  double page_bytes_;
};

}  // namespace

std::optional<SelfStat> ParseSelfStat(std::string_view text) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 1);
  SelfStat stat;
  const std::map<int, std::uint64_t*> wanted = {{14, &stat.user_ticks},
                                                {15, &stat.system_ticks},
                                                {20, &stat.threads},
                                                {24, &stat.resident_pages}};
  for (int position = 3; position <= 24; ++position) {
    const auto field = NextField(text);
    if (!field) return std::nullopt;
    if (!wanted.contains(position)) continue;
    const auto number = ParseNumber<std::uint64_t>(*field);
    if (!number) return std::nullopt;
    *wanted.at(position) = *number;
  }
  return stat;
}

SourceResult OpenSelfStat(const KernelRoots& roots) {
  auto file = KernelFile::Open(roots.proc / "self/stat");
  if (!file) return file.error();
  auto descriptors = Directory::Open(roots.proc / "self/fd");
  if (!descriptors) return descriptors.error();
  return std::unique_ptr<Source>(
      std::make_unique<SelfStatSource>(*std::move(file), *std::move(descriptors)));
}

}  // namespace edgefeed
