#include "common/pki/tls_watch.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace edgefeed {
namespace {

constexpr std::chrono::seconds kLookEvery{5};

std::int64_t Nanoseconds(const timespec& time) {
  return std::chrono::nanoseconds(std::chrono::seconds(time.tv_sec)).count() + time.tv_nsec;
}

std::string Left(WallTime now, const CertificateLife& life) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(life.not_after - now).count();
  return hours < 48 ? std::to_string(hours) + " hours" : std::to_string(hours / 24) + " days";
}

void Tell(const std::string& name, const std::filesystem::path& file, ExpiryNotice& notice,
          const std::optional<CertificateLife>& life, WallTime now) {
  if (!life) return;
  switch (notice.Look(now, life->not_after)) {
    case ExpiryNotice::Due::kNothing: return;
    case ExpiryNotice::Due::kSoon:
      return spdlog::warn("{}: {} expires in {}: renew it", name, file.string(), Left(now, *life));
    case ExpiryNotice::Due::kExpired:
      return spdlog::error("{}: {} has expired: renew it", name, file.string());
  }
}

}  // namespace

// A file that is not there, or cannot be looked at, has the stamp of none.
TlsWatch::Stamps TlsWatch::StampsOf(const TlsFiles& files) {
  Stamps stamps;
  const std::array paths{&files.ca, &files.cert, &files.key};
  std::ranges::transform(paths, stamps.begin(), [](const std::filesystem::path* path) {
    struct stat status{};
    if (path->empty() || ::stat(path->c_str(), &status) != 0) return Stamp();
    return Stamp{.modified_ns = Nanoseconds(status.st_mtim),
                 .changed_ns = Nanoseconds(status.st_ctim),
                 .bytes = static_cast<std::uint64_t>(status.st_size),
                 .device = status.st_dev,
                 .inode = status.st_ino};
  });
  return stamps;
}

Result<std::unique_ptr<TlsWatch>> TlsWatch::Open(Scheduler& scheduler, const TlsFiles& files,
                                                 const std::string& name) {
  const Stamps stamps = StampsOf(files);  // Before: what changes meanwhile is noticed later.
  auto material = ReadTlsMaterial(files);
  if (!material) return material.error().Wrap(name);
  return std::unique_ptr<TlsWatch>(
      new TlsWatch(scheduler, files, name, *std::move(material), stamps));
}

TlsWatch::TlsWatch(Scheduler& scheduler, TlsFiles files, std::string name, TlsMaterial material,
                   Stamps stamps)
    : scheduler_(scheduler),
      files_(std::move(files)),
      name_(std::move(name)),
      in_use_(std::move(material)),
      shared_(std::make_shared<SharedTls>(in_use_.pem)),
      used_(stamps),
      seen_(stamps) {}

void TlsWatch::Start() { LookAgainLater(); }

void TlsWatch::LookNow() { Look(Patience::kNone); }

void TlsWatch::LookAgainLater() {
  TellOfExpiry();
  timer_ = scheduler_.RunAfter(kLookEvery, [this] {
    Look(Patience::kUntilSettled);
    LookAgainLater();
  });
}

void TlsWatch::Look(Patience patience) {
  const Stamps stamps = StampsOf(files_);
  const bool settled = std::exchange(seen_, stamps) == stamps;
  if (stamps == used_) return refused_.clear();
  if (settled || patience == Patience::kNone) TakeOver(stamps);
}

void TlsWatch::TakeOver(const Stamps& stamps) {
  auto fresh = ReadTlsMaterial(files_);
  if (StampsOf(files_) != stamps) return;  // Written to while they were read.
  if (!fresh) return Refuse(fresh.error());
  const Status in_time = CheckInTime(files_, *fresh, scheduler_.WallNow());
  if (!in_time) return Refuse(in_time.error());
  used_ = stamps;
  refused_.clear();
  if (fresh->pem == in_use_.pem) return;  // Only copied, or touched.
  in_use_ = *std::move(fresh);
  shared_->Set(in_use_.pem);
  spdlog::info("{}: new certificates or keys are in use for new connections", name_);
  on_renewed_(in_use_);
}

void TlsWatch::Refuse(const Error& why) {
  if (std::exchange(refused_, why.message) == why.message) return;
  spdlog::warn("{}: {}; what was read before stays in use", name_, why.message);
  on_refused_();
}

void TlsWatch::TellOfExpiry() {
  const WallTime now = scheduler_.WallNow();
  Tell(name_, files_.cert, own_expiry_, in_use_.own, now);
  Tell(name_, files_.ca, ca_expiry_, in_use_.ca, now);
}

}  // namespace edgefeed
