#include "agent/crash/dump_spool.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/crash/eviction.h"
#include "agent/crash/room.h"
#include "common/base/file.h"
#include "common/base/units.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kRecord = ".info";
constexpr std::string_view kBytes = ".dump";
constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kMaxDumps = 64;
constexpr std::size_t kMaxRecords = 512;
constexpr std::size_t kMaxSuppressed = 256;
// These go first, because they cost nothing and tell most.
constexpr std::uint64_t kSmall = std::uint64_t{64} << 10;
constexpr std::uint32_t kMaxFailures = 8;
// A power cut in the middle is nobody's fault, but a dump that ends the agent each time is.
constexpr std::uint32_t kMaxInterruptions = 32;

}  // namespace

DumpSpool::DumpSpool(fs::path directory, LedgerFile& ledger, CrashConfig config,
                     std::function<std::string()> new_id)
    : directory_(std::move(directory)),
      ledger_(ledger),
      config_(std::move(config)),
      new_id_(std::move(new_id)) {}

Result<std::unique_ptr<DumpSpool>> DumpSpool::Open(fs::path directory, LedgerFile& ledger,
                                                   CrashConfig config,
                                                   std::function<std::string()> new_id) {
  std::unique_ptr<DumpSpool> spool(
      new DumpSpool(std::move(directory), ledger, std::move(config), std::move(new_id)));
  if (Status recovered = spool->Recover(); !recovered) return recovered.error();
  return spool;
}

fs::path DumpSpool::RecordOf(const std::string& id) const {
  return directory_ / (id + std::string(kRecord));
}
fs::path DumpSpool::BytesOf(const std::string& id) const {
  return directory_ / (id + std::string(kBytes));
}

Status DumpSpool::Recover() {
  std::error_code error;
  fs::create_directories(directory_.parent_path(), error);
  if (::mkdir(directory_.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return ErrnoError(directory_.string(), errno);
  }
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    files.push_back(entry->path());
  }
  if (error) return ErrnoError(directory_.string(), error.value());
  for (const fs::path& file : files) {
    if (file.extension() == kRecord) RecoverRecord(file);
  }
  RemoveReplaced();
  std::erase_if(ledger_->tries, [&](const auto& tries) { return !dumps_.contains(tries.first); });
  for (const fs::path& file : files) {
    const bool is_orphan = file.extension() == kBytes && !dumps_.contains(file.stem().string());
    if (is_orphan || file.extension() == kUnfinished) fs::remove(file, error);
  }
  return {};
}

void DumpSpool::RecoverRecord(const fs::path& file) {
  const std::string id = file.stem().string();
  const auto record = Load(id);
  if (!record) {
    spdlog::error("dumps: {} {}: lost", file.string(), record.error().message);
    ++dropped_["damaged"];
    std::error_code error;
    if (record.error().code == Code::kDataLoss) fs::remove(file, error);
    return;
  }
  dumps_[id] = record->head;
  std::error_code error;
  const auto size = fs::file_size(BytesOf(id), error);
  if (record->head.size_bytes == 0 || (!error && size == record->head.size_bytes)) return;
  if (IsThere(record->head.origin)) {
    spdlog::warn("dumps: the bytes of {} are not whole: it is taken again", id);
    return RemoveFiles(id);
  }
  spdlog::error("dumps: the bytes of {} are not whole: only its description is left", id);
  KeepDescription(id, "damaged");
}

void DumpSpool::RemoveReplaced() {
  std::vector<std::string> replaced;
  for (const auto& [id, head] : dumps_) {
    if (dumps_.contains(head.replaces)) replaced.push_back(head.replaces);
  }
  for (const std::string& id : replaced) RemoveFiles(id);
}

Result<DumpRecord> DumpSpool::Load(const std::string& id) const {
  const auto bytes = ReadSmallFile(RecordOf(id));
  if (!bytes) return bytes.error();
  auto record = DecodeDumpRecord(*bytes);
  if (record && record->head.id != id) return Error{Code::kDataLoss, "is that of another dump"};
  return record;
}

bool DumpSpool::Holds(const std::string& source) const {
  return std::ranges::any_of(dumps_,
                             [&](const auto& dump) { return dump.second.origin.key == source; });
}

bool DumpSpool::HasRoomForDescriptions() const { return dumps_.size() < kMaxSuppressed; }

std::uint64_t DumpSpool::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [id, head] : dumps_) bytes += head.size_bytes;
  return bytes;
}

std::size_t DumpSpool::DumpsWithBytes() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(dumps_, [](const auto& dump) { return dump.second.size_bytes > 0; }));
}

bool DumpSpool::IsQuarantined(const std::string& id) const {
  const auto tries = ledger_->tries.find(id);
  return tries != ledger_->tries.end() &&
         (tries->second.failures >= kMaxFailures || tries->second.interrupted >= kMaxInterruptions);
}

bool DumpSpool::MakeRoom(const DumpHead& sealing, std::uint64_t written, std::uint64_t more) {
  while (true) {
    const auto shortage = LacksRoom(directory_, used_bytes() + written, more, config_);
    const bool too_many = DumpsWithBytes() >= kMaxDumps;
    if (!shortage && !too_many) return true;
    if (shortage == Shortage::kDisk && ReleaseOldestSource()) continue;
    const auto victim = Victim(sealing, written + more);
    if (!victim || *victim == sealing.id) return false;
    KeepDescription(*victim, "evicted");
    if (dumps_.contains(*victim)) return false;  // The disk did not take even that.
  }
}

// What is sealed whole does not need its source any more when there is no room for both.
bool DumpSpool::ReleaseOldestSource() {
  for (auto& [id, head] : dumps_) {
    if (!head.origin.is_ours || head.size_bytes == 0) continue;
    head.origin.is_ours = false;
    if (!RemoveSource(head.origin)) continue;
    spdlog::info("dumps: {} removed before its delivery, because the disk is full: it is sealed",
                 (head.origin.directory / head.origin.name).string());
    return true;
  }
  return false;
}

std::optional<std::string> DumpSpool::Victim(const DumpHead& sealing, std::uint64_t bytes) const {
  std::vector<Evictable> candidates;
  for (const auto& [id, head] : dumps_) {
    if (head.size_bytes == 0 || id == attempt_) continue;
    candidates.push_back({.id = id,
                          .signature = head.signature,
                          .bytes = head.size_bytes,
                          .sealed_at = head.sealed_at,
                          .is_quarantined = IsQuarantined(id)});
  }
  candidates.push_back({.id = sealing.id,
                        .signature = sealing.signature,
                        .bytes = bytes,
                        .sealed_at = ledger_.Now()});
  return LeastMissed(candidates);
}

Status DumpSpool::Add(DumpRecord record) {
  const std::string id = record.head.id;
  if (dumps_.size() >= kMaxRecords) {
    const auto oldest = std::ranges::min_element(
        dumps_, {}, [](const auto& dump) { return dump.second.sealed_at; });
    Drop(std::string(oldest->first), "too_many");
  }
  if (Status written = ReplaceFile(RecordOf(id), EncodeDumpRecord(record)); !written) {
    std::error_code error;
    fs::remove(BytesOf(id), error);
    return written;
  }
  dumps_[id] = std::move(record.head);
  on_change_();
  on_arrival_();
  return {};
}

void DumpSpool::DropExpired() {
  std::vector<std::string> expired;
  for (const auto& [id, head] : dumps_) {
    if (id != attempt_ && ledger_.Now() - head.sealed_at > config_.keep) expired.push_back(id);
  }
  for (const std::string& id : expired) Drop(id, "expired");
}

void DumpSpool::KeepDescription(const std::string& id, const std::string& why) {
  auto record = Load(id);
  if (!record) return Drop(id, "damaged");
  ++dropped_[why];
  spdlog::warn("dumps: the bytes of {} are dropped ({}), its description is kept",
               record->head.filename, why);
  record->head.replaces = id;
  record->head.id = new_id_();
  record->head.size_bytes = 0;
  record->info.content = DumpContent::kMetadata;
  record->info.compression.clear();
  record->info.missing = why;
  if (const Status added = Add(std::move(*record)); !added) {
    return spdlog::error("dumps: {}", added.error().message);
  }
  ledger_->tries.erase(id);
  if (dumps_.at(id).origin.is_ours) RemoveSource(dumps_.at(id).origin);
  RemoveFiles(id);
}

void DumpSpool::Drop(const std::string& id, const std::string& why) {
  ++dropped_[why];
  spdlog::warn("dumps: {} is dropped ({})", dumps_.at(id).filename, why);
  if (const Status gone = Forget(id); !gone) spdlog::error("dumps: {}", gone.error().message);
}

Status DumpSpool::Forget(const std::string& id) {
  const DumpOrigin& origin = dumps_.at(id).origin;
  const bool removed = origin.is_ours && RemoveSource(origin);
  if (!removed && !origin.key.empty()) ledger_->done.insert(origin.key);
  ledger_->tries.erase(id);
  // First it must be certain that nobody takes the source again, or counts the same crashes.
  if (Status saved = ledger_.Save(); !saved) return saved;
  RemoveFiles(id);
  return {};
}

// The description first: bytes without one are of no meaning.
void DumpSpool::RemoveFiles(const std::string& id) {
  if (id == attempt_) reading_.Reset();
  ::unlink(RecordOf(id).c_str());
  ::unlink(BytesOf(id).c_str());
  if (const Status synced = SyncDirectory(directory_); !synced) {
    spdlog::warn("dumps: {}", synced.error().message);
  }
  dumps_.erase(id);
  on_change_();
}

std::optional<SealedDump> DumpSpool::Next(DumpsAllowed allowed) {
  const auto may_go = [&](const std::string& id) {
    return dumps_.contains(id) && !IsQuarantined(id) &&
           (allowed == DumpsAllowed::kAll || dumps_.at(id).size_bytes == 0);
  };
  if (!may_go(chosen_)) {
    chosen_.clear();
    const auto order = [&](const std::string& id) {
      const DumpHead& head = dumps_.at(id);
      const auto tries = ledger_->tries.find(id);
      return std::tuple(tries == ledger_->tries.end() ? 0 : tries->second.failures,
                        head.size_bytes > kSmall, head.sealed_at);
    };
    for (const auto& [id, head] : dumps_) {
      if (may_go(id) && (chosen_.empty() || order(id) < order(chosen_))) chosen_ = id;
    }
  }
  if (chosen_.empty()) return std::nullopt;
  auto record = Load(chosen_);
  if (!record) {
    Drop(std::string(chosen_), "damaged");
    return Next(allowed);
  }
  return SealedDump{.id = chosen_,
                    .filename = record->head.filename,
                    .size_bytes = record->head.size_bytes,
                    .sha256 = record->head.sha256,
                    .info = std::move(record->info)};
}

Status DumpSpool::BeginAttempt(const std::string& id) {
  if (!dumps_.contains(id)) return Error{Code::kNotFound, "dump " + id + " is no longer there"};
  ++ledger_->tries[id].interrupted;
  if (Status saved = ledger_.Save(); !saved) {
    --ledger_->tries[id].interrupted;
    return saved;
  }
  attempt_ = id;
  return {};
}

Result<std::string> DumpSpool::Read(const std::string& id, std::uint64_t offset, std::size_t most) {
  const std::string path = BytesOf(id).string();
  if (id != attempt_) return Error{Code::kFailedPrecondition, path + ": no attempt has begun"};
  if (!reading_.valid()) reading_.Reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!reading_.valid()) return ErrnoError(path, errno);
  std::string bytes(most, '\0');
  std::size_t used = 0;
  while (used < most) {
    const ssize_t n = ::pread(reading_.get(), bytes.data() + used, most - used,
                              static_cast<off_t>(offset + used));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(path, errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  bytes.resize(used);
  return bytes;
}

void DumpSpool::EndAttempt(const std::string& id, DumpOutcome outcome, const std::string& why) {
  attempt_.clear();
  chosen_.clear();
  reading_.Reset();
  if (!dumps_.contains(id)) return;
  ledger_->tries[id].interrupted = 0;
  if (outcome == DumpOutcome::kDelivered) {
    // After an error it stays, is sent again, and found to be there already.
    const Status gone = Forget(id);
    if (!gone) return spdlog::error("dumps: {}", gone.error().message);
    ++delivered_;
    return;
  }
  if (outcome == DumpOutcome::kFailed) OnFailure(id, why);
  if (outcome == DumpOutcome::kRejected) {
    spdlog::warn("dumps: the collector refuses {}: {}", dumps_.at(id).filename, why);
    if (dumps_.at(id).size_bytes == 0) return Drop(id, "rejected");
    KeepDescription(id, "rejected");
  }
  if (const Status saved = ledger_.Save(); !saved) spdlog::warn("dumps: {}", saved.error().message);
}

void DumpSpool::OnFailure(const std::string& id, const std::string& why) {
  if (++ledger_->tries[id].failures < kMaxFailures) return;
  spdlog::error("dumps: {} in {} goes into quarantine, {} attempts have failed: {}",
                dumps_.at(id).filename, BytesOf(id).string(), kMaxFailures, why);
}

SpoolCounts DumpSpool::counts() const {
  SpoolCounts counts{.waiting = dumps_.size(),
                     .bytes = used_bytes(),
                     .quarantined = 0,
                     .delivered = delivered_,
                     .dropped = dropped_};
  for (const auto& [id, head] : dumps_) counts.quarantined += IsQuarantined(id) ? 1 : 0;
  return counts;
}

}  // namespace edgefeed
