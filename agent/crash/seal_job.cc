#include "agent/crash/seal_job.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/crash/dump_text.h"
#include "agent/crash/rate_limit.h"
#include "agent/crash/systemd_core.h"
#include "common/base/sizes.h"
#include "common/base/units.h"
#include "common/digest/dump_signature.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr const char* kNotWanted = "not_wanted";
constexpr std::size_t kMaxSidecar = std::size_t{1} << 20;
// A file whose sealing ended the agent so often will do so again.
constexpr std::uint32_t kMaxBegun = 32;

WallTime ModifiedAt(const FileIdentity& identity) {
  return WallTime(std::chrono::milliseconds(identity.modified_ns / 1'000'000));
}

}  // namespace

SealJob::SealJob(const SealContext& context, DumpFile file)
    : context_(context), file_(std::move(file)), alive_(std::make_shared<int>()) {
  head_.id = context_.spool.NewId();
  head_.origin = file_.origin;
}

SealJob::~SealJob() {
  if (!pin_.empty()) ::unlink(pin_.c_str());
}

void SealJob::Start(Done done) {
  done_ = std::move(done);
  if (const Status opened = Open(); !opened) return End(SealResult::kGone);
  const WallTime crashed_at =
      info_.crashed_at == WallTime() ? ModifiedAt(file_.identity) : info_.crashed_at;
  const auto ago =
      std::max(context_.scheduler.WallNow() - crashed_at, std::chrono::milliseconds(0));
  const auto since_boot = context_.scheduler.SinceBoot() - ago;
  info_.crashed_at = crashed_at;
  if (since_boot < std::chrono::milliseconds(0)) return Soon(&SealJob::Look);  // An earlier boot.
  context_.memory.Recall(since_boot, [this, alive = std::weak_ptr(alive_)](DeviceMoment moment) {
    if (!alive.expired()) OnRecalled(std::move(moment));
  });
}

Status SealJob::Open() {
  const bool is_systemd = file_.kind == DumpSource::kSystemd;
  const auto directory = DropDirectory::Open(
      file_.origin.directory, is_systemd ? HardLinks::kOfAnybody : HardLinks::kOfOwner);
  if (!directory) return directory.error();
  auto opened = directory->Read(file_.origin.name);
  if (!opened) return opened.error();
  if (opened->identity != file_.identity) return Error{Code::kAborted, "changed"};
  source_ = std::move(opened->fd);
  struct stat status{};
  if (::fstat(source_.get(), &status) == 0) source_blocks_ = status.st_blocks;
  if (is_systemd) {
    info_ = DescribeSystemdCore(file_.origin.name, source_.get());
    Pin();
  } else {
    ReadSidecar(*directory);
  }
  if (info_.source == DumpSource::kUnknown) info_.source = file_.kind;
  return {};
}

void SealJob::ReadSidecar(const DropDirectory& directory) {
  const auto opened = directory.Read(SidecarOf(file_.origin.name));
  if (!opened) return;
  std::string bytes(std::min(ToSize(opened->identity.size_bytes), kMaxSidecar), '\0');
  const ssize_t n = ::pread(opened->fd.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  auto info = DecodeDumpInfo(bytes);
  if (!info) return;
  info_ = std::move(*info);
  if (info_.content == DumpContent::kMetadata) info_.content = DumpContent::kUnknown;
}

// Another name keeps systemd from punching holes into a file that it removes while we read it.
void SealJob::Pin() {
  pin_ = context_.spool.BytesOf(file_.origin.key);
  pin_ += ".tmp";
  const std::string same = "/proc/self/fd/" + std::to_string(source_.get());
  ::unlink(pin_.c_str());
  if (::linkat(AT_FDCWD, same.c_str(), AT_FDCWD, pin_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    pin_.clear();  // Not permitted, or another file system: IsTainted() sees what happens.
  }
}

void SealJob::OnRecalled(DeviceMoment moment) {
  // Better than what a file says, if anybody knows; but what the producer knew is best.
  if (info_.clock == ClockTrust::kUnknown && moment.clock >= ClockTrust::kCollector) {
    info_.crashed_at = moment.time;
  }
  if (info_.clock == ClockTrust::kUnknown) info_.clock = moment.clock;
  if (info_.boot_id.empty()) info_.boot_id = context_.device.boot_id;
  info_.metrics = std::move(moment.metrics);
  Soon(&SealJob::Look);
}

// Others on the strand have their turn between two steps.
void SealJob::Soon(void (SealJob::*step)()) {
  step_ =
      context_.scheduler.RunAfter(std::chrono::milliseconds(0), [this, step] { (this->*step)(); });
}

void SealJob::Look() {
  if (!looker_) looker_ = std::make_unique<DumpLooker>(source_.get());
  const auto at_end = looker_->Step();
  if (!at_end) {
    spdlog::warn("dumps: {}: {}", ShownName(file_.origin.name), at_end.error().message);
    is_readable_ = false;
    return Soon(&SealJob::OnLooked);
  }
  Soon(*at_end ? &SealJob::OnLooked : &SealJob::Look);
}

void SealJob::OnLooked() {
  look_ = looker_->Finish();
  looker_.reset();
  if (file_.must_be_whole && is_readable_ && !look_.is_whole) return End(SealResult::kNotWhole);
  Complete(look_);
  if (const auto result = Admit()) return End(*result);
  ReadLog();
}

void SealJob::ReadLog() {
  if (!info_.log_tail.empty()) return SealIn(WantedContent());
  context_.log.Read(info_, [this, alive = std::weak_ptr(alive_)](std::string tail) {
    if (alive.expired()) return;
    info_.log_tail = std::move(tail);
    SealIn(WantedContent());
  });
}

void SealJob::Complete(const DumpLook& look) {
  Describe(look.core, info_);
  info_.device = context_.device;
  if (info_.executable.empty() && info_.command.empty()) {
    info_.command = ProgramOf(file_.origin.name);
  }
  info_.truncated = info_.truncated || !look.is_whole;
  if (info_.original_bytes == 0) {
    info_.original_bytes = std::max(look.content_bytes, look.core.core_bytes);
    if (look.packing == Packing::kOther) info_.original_bytes = file_.identity.size_bytes;
  }
  head_.signature = SignatureOf(info_).id;
}

// Nothing: it is admitted, and that is noted.
std::optional<SealResult> SealJob::Admit() {
  Ledger& ledger = *context_.ledger;
  const std::string& key = file_.origin.key;
  const CrashRates rates{.per_signature_hourly = context_.config.per_signature_hourly,
                         .per_device_hourly = context_.config.per_device_hourly};
  // One that was admitted before the agent ended is not charged again.
  const auto before = ledger.admitted.find(key);
  if (before == ledger.admitted.end() &&
      !AdmitCrash(head_.signature, rates, context_.ledger.Now(), ledger)) {
    const Status counted = context_.suppression.Count(head_.signature, info_, key);
    if (counted) return SealResult::kSuppressed;
    spdlog::warn("dumps: {}", counted.error().message);
    return SealResult::kLater;
  }
  begun_before_ = before == ledger.admitted.end() ? 0 : before->second;
  ledger.admitted[key] = *begun_before_ + 1;
  if (const Status saved = context_.ledger.Save(); !saved) {
    spdlog::warn("dumps: {}", saved.error().message);
    return SealResult::kLater;
  }
  return std::nullopt;
}

DumpContent SealJob::WantedContent() {
  const auto without = [&](const std::string& missing) {
    info_.missing = missing;
    return DumpContent::kMetadata;
  };
  const bool can_reduce = look_.core.is_core && look_.can_unpack;
  if (file_.identity.size_bytes == 0) {
    return info_.missing.empty() ? without("empty") : DumpContent::kMetadata;
  }
  if (!is_readable_) return without("unreadable");
  if (*begun_before_ >= kMaxBegun) return without("unsealable");
  switch (context_.config.mode) {
    case DumpMode::kMetadata: return without(kNotWanted);
    case DumpMode::kFull: return DumpContent::kFull;
    case DumpMode::kStacks:
      if (info_.content == DumpContent::kStacks) return DumpContent::kFull;  // As it comes.
      return can_reduce ? DumpContent::kStacks : without("no_core");
    case DumpMode::kAuto: break;
  }
  const std::uint64_t bytes =
      look_.packing == Packing::kOther ? file_.identity.size_bytes : look_.content_bytes;
  if (bytes <= context_.config.full_limit.count) return DumpContent::kFull;
  return can_reduce ? DumpContent::kStacks : without("too_large");
}

void SealJob::SealIn(DumpContent content) {
  // What the producer has reduced is not full any more.
  if (content != DumpContent::kFull || info_.content == DumpContent::kUnknown)
    info_.content = content;
  if (content == DumpContent::kMetadata) return Commit({});
  const auto has_room = [this](std::uint64_t written, std::uint64_t more) {
    return context_.spool.MakeRoom(head_, written, more);
  };
  const auto form = content == DumpContent::kFull ? SealForm::kFull : SealForm::kStacks;
  sealer_.reset();
  auto sealer = Sealer::Create(source_.get(), form, context_.spool.BytesOf(head_.id), has_room);
  if (!sealer) return OnSealFailed(sealer.error());
  sealer_.emplace(std::move(*sealer));
  Soon(&SealJob::Step);
}

void SealJob::Step() {
  const auto at_end = sealer_->Step();
  if (!at_end) return OnSealFailed(at_end.error());
  Soon(*at_end ? &SealJob::OnSealed : &SealJob::Step);
}

void SealJob::OnSealFailed(const Error& error) {
  spdlog::warn("dumps: {} of {}: {}", ShownName(file_.origin.name),
               FormatBytes({file_.identity.size_bytes}), error.message);
  sealer_.reset();
  if (IsTainted()) return KeepDescription("lost_to_vacuum");
  const bool is_full = error.code == Code::kResourceExhausted;
  const bool can_reduce = look_.core.is_core && look_.can_unpack;
  if (is_full && info_.content == DumpContent::kFull && can_reduce &&
      context_.config.mode == DumpMode::kAuto) {
    info_.content = DumpContent::kUnknown;
    return SealIn(DumpContent::kStacks);
  }
  KeepDescription(is_full ? "disk_full" : "unreadable");
}

void SealJob::OnSealed() {
  const auto sealed = sealer_->Finish();
  if (!sealed) return OnSealFailed(sealed.error());
  sealer_.reset();
  struct stat status{};
  const bool is_gone = ::fstat(source_.get(), &status) != 0;
  const bool changed =
      is_gone || static_cast<std::uint64_t>(status.st_size) != file_.identity.size_bytes ||
      std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec !=
          file_.identity.modified_ns;
  if (changed || IsTainted()) ::unlink(context_.spool.BytesOf(head_.id).c_str());
  if (IsTainted()) return KeepDescription("lost_to_vacuum");
  if (changed) return End(SealResult::kGone);
  Commit(*sealed);
}

// Systemd has removed the file while it was read, and with it perhaps the bytes that came next.
bool SealJob::IsTainted() const {
  if (file_.kind != DumpSource::kSystemd) return false;
  struct stat status{};
  if (::fstat(source_.get(), &status) != 0 || status.st_nlink == 0) return true;
  return static_cast<std::uint64_t>(status.st_blocks) < source_blocks_;
}

void SealJob::KeepDescription(const std::string& missing) {
  info_.content = DumpContent::kMetadata;
  info_.missing = missing;
  Commit({});
}

void SealJob::Commit(const SealedBytes& sealed) {
  info_.compression = sealed.compression;
  head_.size_bytes = sealed.size_bytes;
  head_.sha256 = sealed.sha256;
  head_.sealed_at = context_.ledger.Now();
  head_.filename = DumpFileName(info_, file_.origin.name);
  const std::string title = SignatureOf(info_).title;
  const Status added = context_.spool.Add({.head = head_, .info = info_});
  if (!added) {
    spdlog::warn("dumps: {}", added.error().message);
    context_.ledger->admitted[file_.origin.key] = *begun_before_;
    return End(SealResult::kLater);
  }
  context_.ledger->admitted.erase(file_.origin.key);
  if (sealed.size_bytes == 0 && info_.missing != kNotWanted) {
    context_.spool.CountDropped(info_.missing);
  }
  spdlog::info(
      "dumps: {} of {} sealed: {}{}", ShownName(title), FormatBytes({info_.original_bytes}),
      sealed.size_bytes > 0 ? FormatBytes({sealed.size_bytes}) : "no bytes, ", info_.missing);
  End(SealResult::kSealed);
}

void SealJob::End(SealResult result) {
  const Done done = std::move(done_);
  step_ =
      context_.scheduler.RunAfter(std::chrono::milliseconds(0), [done, result] { done(result); });
}

}  // namespace edgefeed
