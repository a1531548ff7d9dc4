#include "agent/crash/pickup.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/crash/dump_text.h"

namespace edgefeed {
namespace {

constexpr std::chrono::minutes kScanEvery{1};
// Events come in swarms.
constexpr std::chrono::milliseconds kScanAfterEvent{50};
constexpr std::chrono::seconds kScanAfterChange{5};
constexpr std::size_t kMaxTold = 1024;

}  // namespace

Pickup::Pickup(Context context, CrashConfig config)
    : context_(std::move(context)),
      config_(std::move(config)),
      suppression_(context_.ledger, context_.spool) {
  for (const auto& directory : config_.directories) {
    places_.push_back({.path = directory, .kind = DumpSource::kDirectory});
  }
  if (!config_.systemd_directory.empty()) {
    places_.push_back({.path = config_.systemd_directory, .kind = DumpSource::kSystemd});
  }
}

void Pickup::Start() { EveryMinute(); }

void Pickup::EveryMinute() {
  minute_ = context_.scheduler.RunAfter(kScanEvery, [this] { EveryMinute(); });
  is_paused_ = false;
  suppression_.TellWhatIsDue();
  context_.spool.DropExpired();
  context_.ledger.SaveIfOld();
  Scan();
}

void Pickup::OnEvent(const std::filesystem::path& directory, Event event, const std::string& name) {
  Place* const place = PlaceOf(directory);
  if (place == nullptr) return;
  switch (event) {
    case Event::kRenamedIn: place->settling.RenamedIn(name); break;
    case Event::kCreated: place->settling.Created(name, context_.scheduler.Now()); break;
    case Event::kClosedAfterWriting: place->settling.ClosedAfterWriting(name); break;
  }
  ScanSoon();
}

void Pickup::OnLostEvents() { ScanSoon(); }

Pickup::Place* Pickup::PlaceOf(const std::filesystem::path& directory) {
  const auto place = std::ranges::find(places_, directory, &Place::path);
  return place == places_.end() ? nullptr : &*place;
}

void Pickup::ScanSoon() { ScanAt(context_.scheduler.Now() + kScanAfterEvent); }

void Pickup::ScanAt(SteadyTime due) {
  if (scan_at_ && *scan_at_ <= due) return;
  scan_at_ = due;
  scan_ = context_.scheduler.RunAt(due, [this] { Scan(); });
}

void Pickup::Scan() {
  scan_.Cancel();
  scan_at_.reset();
  ready_.clear();
  std::set<std::string> seen;
  for (Place& place : places_) ScanPlace(place, seen);
  ForgetDone(seen);
  if (scan_at_) scan_ = context_.scheduler.RunAt(*scan_at_, [this] { Scan(); });
  SealNext();
}

void Pickup::ScanPlace(Place& place, std::set<std::string>& seen) {
  const bool is_systemd = place.kind == DumpSource::kSystemd;
  // First, so that what comes after the look is told of.
  context_.watch(place.path);
  const auto directory =
      DropDirectory::Open(place.path, is_systemd ? HardLinks::kOfAnybody : HardLinks::kOfOwner);
  const auto listing = directory ? directory->List() : Result<DirectoryListing>(directory.error());
  place.is_readable = listing || listing.error().code == Code::kNotFound;
  if (!listing) {
    if (!std::exchange(place.is_missing, true) && !is_systemd) {
      spdlog::warn("dumps: {}; no dumps are taken from there", listing.error().message);
    }
    return;
  }
  place.is_missing = false;
  place.settling.Retain(listing->files);
  for (const SkippedEntry& entry : listing->skipped) NoteSkipped(place, entry);
  for (const FoundFile& file : listing->files) {
    seen.insert(SourceKey(place.path, file.name, file.identity));
    ConsiderFile(place, *directory, file);
  }
}

void Pickup::ConsiderFile(Place& place, const DropDirectory& directory, const FoundFile& file) {
  const bool is_ours = place.kind == DumpSource::kDirectory;
  const DumpOrigin origin{.key = SourceKey(place.path, file.name, file.identity),
                          .directory = place.path,
                          .name = file.name,
                          .is_ours = is_ours};
  if (context_.spool.Holds(origin.key)) return;
  if (job_ && job_->file().origin.key == origin.key) return;
  if (context_.ledger->done.contains(origin.key)) {
    if (is_ours && RemoveSource(origin)) context_.ledger->done.erase(origin.key);
    return;
  }
  const auto opened = directory.Read(file.name);
  if (!opened && opened.error().code == Code::kPermissionDenied) {
    return NoteSkipped(place, {.name = file.name, .reason = "unreadable"});
  }
  if (!opened) return;  // It is gone, or has become something else.
  const Settling::Judgement judgement = Judge(place, file, opened->fd.get());
  if (judgement.verdict == Settling::Verdict::kWait) {
    if (!scan_at_ || judgement.again < *scan_at_) scan_at_ = judgement.again;
    return;
  }
  ready_.push_back({.origin = origin,
                    .identity = file.identity,
                    .kind = place.kind,
                    .must_be_whole = judgement.verdict == Settling::Verdict::kQuiet});
}

Settling::Judgement Pickup::Judge(Place& place, const FoundFile& file, int fd) {
  // Systemd links a core into place when it is complete and on stable storage.
  if (place.kind == DumpSource::kSystemd) return {.verdict = Settling::Verdict::kCommitted};
  return place.settling.Judge(file, WriterOf(fd), context_.scheduler.Now());
}

void Pickup::NoteSkipped(Place& place, const SkippedEntry& entry) {
  if (place.skipped.size() >= kMaxTold) place.skipped.clear();
  if (!place.skipped.insert(entry.name).second) return;
  ++counts_.skipped[entry.reason];
  context_.on_change();
  spdlog::warn("dumps: {} in {} is left alone: {}", ShownName(entry.name), place.path.string(),
               entry.reason);
}

// What is gone need not be remembered.
void Pickup::ForgetDone(const std::set<std::string>& seen) {
  if (!std::ranges::all_of(places_, &Place::is_readable)) return;
  std::erase_if(context_.ledger->done, [&](const std::string& key) {
    return !seen.contains(key) && !context_.spool.Holds(key);
  });
  std::erase_if(context_.ledger->admitted,
                [&](const auto& one) { return !seen.contains(one.first); });
}

void Pickup::SealNext() {
  if (job_ || is_paused_ || ready_.empty()) return;
  DumpFile file = std::move(ready_.front());
  ready_.pop_front();
  job_ = std::make_unique<SealJob>(SealContext{.scheduler = context_.scheduler,
                                               .ledger = context_.ledger,
                                               .spool = context_.spool,
                                               .suppression = suppression_,
                                               .memory = context_.memory,
                                               .log = context_.log,
                                               .device = context_.device,
                                               .config = config_},
                                   std::move(file));
  job_->Start([this](SealResult result) { OnJobDone(result); });
}

void Pickup::OnJobDone(SealResult result) {
  const DumpFile file = job_->file();
  job_.reset();
  switch (result) {
    case SealResult::kSealed: ++counts_.taken; break;
    case SealResult::kSuppressed:
      if (file.origin.is_ours && RemoveSource(file.origin)) {
        context_.ledger->done.erase(file.origin.key);
      }
      break;
    case SealResult::kNotWhole:
      if (Place* const place = PlaceOf(file.origin.directory)) {
        place->settling.NotWhole(file.origin.name, file.identity);
      }
      ScanSoon();
      break;
    case SealResult::kGone: ScanAt(context_.scheduler.Now() + kScanAfterChange); break;
    case SealResult::kLater: is_paused_ = true; break;
  }
  context_.on_change();
  SealNext();
}

PickupCounts Pickup::counts() const {
  PickupCounts counts = counts_;
  counts.suppressed = suppression_.suppressed();
  return counts;
}

}  // namespace edgefeed
