#include "agent/crash/suppression.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "agent/crash/dump_text.h"
#include "common/digest/dump_signature.h"

namespace edgefeed {
namespace {

constexpr std::chrono::minutes kQuiet{1};
constexpr std::chrono::minutes kAtMost{5};
constexpr std::size_t kMaxSuppressed = 256;

// What says which crash it is, and keeps its signature as it was, in a few hundred bytes.
DumpInfo WithoutBulk(const DumpInfo& info) {
  DumpInfo brief = info;
  brief.metrics = {};
  brief.log_tail.clear();
  std::erase_if(brief.modules,
                [&](const DumpModule& module) { return module.path != info.executable; });
  if (brief.threads.size() > 1) brief.threads.resize(1);
  for (DumpThread& thread : brief.threads) thread.registers.clear();
  brief.content = DumpContent::kMetadata;
  brief.compression.clear();
  brief.missing = "rate_limited";
  brief.last_at = info.crashed_at;
  return brief;
}

}  // namespace

// The agent ended when it had told of these and not yet noted it: nothing may be added to them.
Suppression::Suppression(LedgerFile& ledger, DumpSpool& spool) : ledger_(ledger), spool_(spool) {
  std::erase_if(ledger_->suppressed,
                [&](const auto& one) { return spool_.Contains(one.second.id); });
}

Status Suppression::Count(const std::string& signature, const DumpInfo& info,
                          const std::string& source) {
  auto& all = ledger_->suppressed;
  if (!all.contains(signature) && all.size() >= kMaxSuppressed) {
    const auto oldest =
        std::ranges::min_element(all, {}, [](const auto& one) { return one.second.began; });
    if (Status told = Tell(std::string(oldest->first)); !told) return told;
  }
  const auto before = all.contains(signature) ? std::optional(all.at(signature)) : std::nullopt;
  Ledger::Suppressed& suppressed = all[signature];
  if (before) {
    suppressed.info.occurrences += info.occurrences;
    suppressed.info.last_at = std::max(suppressed.info.last_at, info.crashed_at);
  } else {
    suppressed = {.id = spool_.NewId(), .began = ledger_.Now(), .info = WithoutBulk(info)};
  }
  suppressed.last = ledger_.Now();
  ledger_->done.insert(source);
  if (Status saved = ledger_.Save(); !saved) {
    ledger_->done.erase(source);
    if (before) suppressed = *before;
    if (!before) all.erase(signature);
    return saved;
  }
  suppressed_ += info.occurrences;
  if (!before) {
    spdlog::warn("dumps: {} crashes too often: it is only counted from now on",
                 ShownName(SignatureOf(info).title));
  }
  return {};
}

void Suppression::TellWhatIsDue() {
  std::vector<std::string> due;
  for (const auto& [signature, suppressed] : ledger_->suppressed) {
    const PoweredTime now = ledger_.Now();
    if (now - suppressed.last >= kQuiet || now - suppressed.began >= kAtMost) {
      due.push_back(signature);
    }
  }
  for (const std::string& signature : due) {
    if (const Status told = Tell(signature); !told) {
      return spdlog::warn("dumps: {}", told.error().message);
    }
  }
}

Status Suppression::Tell(const std::string& signature) {
  const Ledger::Suppressed& suppressed = ledger_->suppressed.at(signature);
  if (!spool_.HasRoomForDescriptions()) {
    return Error{Code::kResourceExhausted, "too many descriptions wait for the collector"};
  }
  DumpRecord record{.head = {.id = suppressed.id, .signature = signature}, .info = suppressed.info};
  record.head.sealed_at = ledger_.Now();
  record.head.filename = DumpFileName(suppressed.info, "crashes");
  if (Status added = spool_.Add(std::move(record)); !added) return added;
  spdlog::warn("dumps: {}: {} crashes were only counted",
               ShownName(SignatureOf(suppressed.info).title), suppressed.info.occurrences);
  ledger_->suppressed.erase(signature);
  return ledger_.Save();
}

}  // namespace edgefeed
