#include "collector/history/recovery.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <variant>

#include "collector/history/log_outbox.h"
#include "collector/history/log_reader.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

class Recovery {
 public:
  Recovery(const HistoryConfig& config, WallTime now, CollectorStats& stats)
      : config_(config), now_(now), stats_(stats), state_{.open = OpenChunks(config.chunk_every)} {}

  Result<StoreState> Run() {
    for (const auto step : {&Recovery::Lock, &Recovery::OpenMeta, &Recovery::OpenPartitions,
                            &Recovery::ReadNames, &Recovery::ReplayLog, &Recovery::BeginEpoch}) {
      if (const Status done = (this->*step)(); !done) return done.error();
    }
    return std::move(state_);
  }

 private:
  Status Lock() {
    std::error_code error;
    fs::create_directories(config_.directory, error);
    if (error) return ErrnoError(config_.directory.string(), error.value());
    const fs::path path = config_.directory / "lock";
    state_.lock = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!state_.lock.valid()) return ErrnoError(path.string(), errno);
    if (::flock(state_.lock.get(), LOCK_EX | LOCK_NB) == 0) return {};
    return Error{Code::kFailedPrecondition, path.string() + ": another process has it open"};
  }

  Status OpenMeta() {
    Status opened = TryMeta();
    if (opened || opened.error().code != Code::kDataLoss) return opened;
    spdlog::error("history: {}", opened.error().message);
    state_.meta.reset();
    SetAside(config_.directory / "meta.db");
    ++stats_.history_files_damaged;
    return TryMeta();
  }

  Status TryMeta() {
    auto meta = Meta::Open(config_.directory / "meta.db");
    if (!meta) return meta.error();
    state_.meta = std::move(*meta);
    const auto epoch = state_.meta->Epoch();
    if (!epoch) return epoch.error();
    epoch_ = *epoch;
    auto inventory = state_.meta->Load();
    if (!inventory) return inventory.error();
    state_.inventory = std::move(*inventory);
    return {};
  }

  Status OpenPartitions() {
    auto partitions = RawPartitions::Open(config_.directory / "raw", config_.chunk_every, stats_);
    if (!partitions) return partitions.error();
    state_.partitions = std::move(*partitions);
    auto minute = Tier::Open(config_.directory / "minute", kMinuteTier, stats_);
    if (!minute) return minute.error();
    state_.minutes = std::move(*minute);
    auto hour = Tier::Open(config_.directory / "hour", kHourTier, stats_);
    if (!hour) return hour.error();
    state_.hours = std::move(*hour);
    return {};
  }

  // Also in meta.db; read first, in case that is new or older.
  Status ReadNames() {
    const fs::path directory = config_.directory / "names";
    auto segments = ReadLog(directory, [this](Lsn lsn, const Entry& entry) { Apply(lsn, entry); });
    if (!segments) return segments.error();
    auto names = FrameLog::Open(directory, std::move(*segments));
    if (!names) return names.error();
    state_.names = std::move(*names);
    return {};
  }

  Status ReplayLog() {
    const fs::path directory = config_.directory / "log";
    auto segments = ReadLog(directory, [this](Lsn lsn, const Entry& entry) { Replay(lsn, entry); });
    if (!segments) return segments.error();
    if (!replayed_) return replayed_;
    stats_.history_files_damaged +=
        static_cast<std::uint64_t>(std::ranges::count_if(*segments, &LogSegment::damaged));
    for (const LogSegment& segment : *segments) {
      stats_.history_frames_unreadable += segment.unreadable;
    }
    const auto kept = ListLogSegments(config_.directory / kOutboxDirectory);
    if (!kept) return kept.error();
    const std::uint64_t least_number = kept->empty() ? 1 : kept->back().number + 1;
    auto log =
        FrameLog::Open(directory, std::move(*segments), config_.log_segment_size, least_number);
    if (!log) return log.error();
    state_.log = std::move(*log);
    if (frames_ > 0) {
      spdlog::info("history: read {} samples again from the log, {} of them not yet in a chunk",
                   frames_, opened_);
    }
    return {};
  }

  bool Apply(Lsn lsn, const Entry& entry) {
    last_lsn_ = std::max(last_lsn_, lsn);
    const Status applied = state_.inventory.Apply(lsn, entry);
    if (applied) return true;
    ++stats_.history_frames_unreadable;
    spdlog::error("history: an entry of the log is left out: {}", applied.error().message);
    return false;
  }

  void Replay(Lsn lsn, const Entry& entry) {
    if (!Apply(lsn, entry) || !replayed_) return;
    const auto* frame = std::get_if<Frame>(&entry);
    if (frame == nullptr) return;
    ++frames_;
    const auto written = WrittenUpTo(PartitionOf(*frame), frame->device);
    if (!written) {
      replayed_ = written.error();
    } else if (lsn > *written) {
      ++opened_;
      state_.open.Add(lsn, *frame, now_);
    }
  }

  Result<Lsn> WrittenUpTo(Hours hour, DeviceNumber device) {
    const auto [of_hour, is_new] = written_.try_emplace(hour);
    if (is_new) {
      const auto progress = state_.partitions->Progress(hour);
      if (!progress) return progress.error();
      for (const DeviceProgress& each : *progress) of_hour->second.emplace(each.device, each.lsn);
    }
    const auto found = of_hour->second.find(device);
    return found == of_hour->second.end() ? Lsn{0} : found->second;
  }

  // Numbers of the log begin anew above all that were ever used, though the files that say so may
  // be damaged or gone.
  Status BeginEpoch() {
    if (epoch_ == 0) {
      const auto written = state_.partitions->WrittenUpTo();
      if (!written) return written.error();
      last_lsn_ = std::max(last_lsn_, *written);
    }
    last_lsn_ = std::max(last_lsn_, state_.inventory.counted_lsn());
    epoch_ = std::max(epoch_, last_lsn_ >> kLsnEpochShift) + 1;
    state_.next_lsn = (epoch_ << kLsnEpochShift) + 1;
    return state_.meta->SetEpoch(epoch_);
  }

  const HistoryConfig& config_;
  WallTime now_;
  CollectorStats& stats_;
  StoreState state_;
  std::uint64_t epoch_ = 0;
  Lsn last_lsn_ = 0;
  // What each partition has of a device.
  std::map<Hours, std::unordered_map<DeviceNumber, Lsn>> written_;
  std::uint64_t frames_ = 0;
  std::uint64_t opened_ = 0;
  Status replayed_;
};

}  // namespace

Result<StoreState> Recover(const HistoryConfig& config, WallTime now, CollectorStats& stats) {
  return Recovery(config, now, stats).Run();
}

}  // namespace edgefeed
