#include "agent/crash/ledger_file.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "agent/crash/framed_file.h"
#include "common/base/file.h"

namespace edgefeed {
namespace {

constexpr std::chrono::hours kSaveEvery{1};

}  // namespace

LedgerFile::LedgerFile(std::filesystem::path file, Scheduler& scheduler, const std::string& boot_id)
    : file_(std::move(file)), clock_(scheduler, boot_id) {
  const auto bytes = ReadSmallFile(file_);
  if (!bytes) {
    if (bytes.error().code != Code::kNotFound) spdlog::warn("dumps: {}", bytes.error().message);
    return;
  }
  auto decoded = DecodeLedger(*bytes);
  if (!decoded) {
    spdlog::warn("dumps: {} {}: limits begin anew, suppressed crashes that it counted are lost",
                 file_.string(), decoded.error().message);
    return;
  }
  ledger_ = std::move(decoded->ledger);
  clock_.Resume(decoded->mark);
  saved_at_ = clock_.Now();
}

Status LedgerFile::Save() {
  Status saved = ReplaceFile(file_, EncodeLedger(ledger_, clock_.Mark()));
  if (saved) saved_at_ = Now();
  return saved;
}

void LedgerFile::SaveIfOld() {
  const bool has_crashed = ledger_.device.at != PoweredTime(0);
  if (!has_crashed || Now() - saved_at_ < kSaveEvery) return;
  if (const Status saved = Save(); !saved) spdlog::warn("dumps: {}", saved.error().message);
}

}  // namespace edgefeed
