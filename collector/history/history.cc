#include "collector/history/history.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "collector/history/log_tail.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr auto kTickEvery = 1s;
// After twice chunk_every an hour's samples are in its partition, but for those that came late.
constexpr auto kRollupGrace = 60s;
// In checkpoints: how old the segment that is being written may become.
constexpr int kRollEvery = 10;
// One of a large history takes minutes.
constexpr auto kBackupMayEnd = 1min;

std::shared_ptr<StoreLink> MakeLink(Scheduler& store, const HistoryConfig& config,
                                    const Inventory& inventory) {
  KnownNumbers known;
  for (const auto& [number, device] : inventory.devices()) known.devices[device.name] = number;
  for (const auto& [number, series] : inventory.series()) known.series[series] = number;
  return std::make_shared<StoreLink>(store, config.max_unsynced, std::move(known),
                                     inventory.next_device(), inventory.next_series());
}

}  // namespace

Result<std::unique_ptr<History>> History::Open(const HistoryConfig& config, Scheduler& store,
                                               CollectorStats& stats) {
  auto state = Recover(config, store.WallNow(), stats);
  if (!state) return state.error().Wrap("history");
  return std::unique_ptr<History>(new History(config, std::move(*state), store, stats));
}

History::History(HistoryConfig config, StoreState state, Scheduler& store, CollectorStats& stats)
    : config_(std::move(config)),
      state_(std::move(state)),
      store_(store),
      stats_(stats),
      chunk_writer_(state_.open, *state_.partitions, codec_, stats),
      link_(MakeLink(store, config_, state_.inventory)),
      intake_(*state_.log, *state_.names, *link_, state_.next_lsn, stats),
      outbox_(config_.directory / kOutboxDirectory, state_.next_lsn - 1),
      queries_(state_, codec_, store, link_, stats),
      rollup_(state_, codec_, store, stats, 2 * config_.chunk_every + kRollupGrace),
      retention_(config_, state_, rollup_, stats),
      last_sync_(store.Now() - config_.sync_every),
      last_checkpoint_(store.Now()),
      last_roll_(store.Now()) {
  codec_.SetSeriesCount(state_.inventory.next_series());
  link_->store = this;
  for (const Hours hour : state_.partitions->List()) rollup_.Mark(hour);
  // Timers are for the strand itself.
  store.Post([link = link_, this] {
    if (link->store == this) ScheduleTick();
  });
}

History::~History() { link_->store = nullptr; }

std::vector<KnownDevice> History::inventory() const {
  std::vector<KnownDevice> devices;
  for (const auto& [number, device] : state_.inventory.devices()) {
    if (device.request_count > 0) devices.push_back(device);
  }
  return devices;
}

std::unique_ptr<SampleStore> History::NewWriter(Scheduler& engine, const SeriesTable& shard_series,
                                                OnStored on_stored) {
  return std::make_unique<HistoryWriter>(engine, shard_series, link_, stats_, std::move(on_stored));
}

void History::Query(HistoryQuery query, HistoryAnswered answer) {
  store_.Post([this, link = link_, query = std::move(query), answer = std::move(answer)] {
    if (link->store == this) queries_.Start(query, answer);
  });
}

void History::ListSeries(const std::string& device, WallTime from, WallTime to,
                         SeriesListed answer) {
  store_.Post([this, link = link_, device, from, to, answer = std::move(answer)] {
    if (link->store == this) queries_.ListSeries(device, from, to, answer);
  });
}

std::unique_ptr<StoredSamples> History::Follow(Scheduler& reader,
                                               std::optional<std::uint64_t> after,
                                               std::function<void()> on_more) {
  // A place that is not there yet is of another history.
  const Lsn last = state_.next_lsn - 1;
  auto follower = std::make_shared<LogFollower>(reader, std::min(after.value_or(last), last));
  store_.Post([this, link = link_, follower] {
    if (link->store == this) outbox_.Add(follower);
  });
  return std::make_unique<LogTail>(config_, state_.log->segments(), std::move(follower),
                                   std::move(on_more));
}

void History::HoldLog(std::string client, LogHeld answer) {
  store_.Post([this, link = link_, client = std::move(client), answer = std::move(answer)] {
    if (link->store != this) return;
    if (const auto other = hold_.lock()) {
      return answer(Error{
          Code::kResourceExhausted,
          "a backup to " + other->client + " has been running since " + FormatTime(other->since),
          kBackupMayEnd});
    }
    const auto hold = std::make_shared<LogHold>(client, store_.WallNow());
    hold_ = hold;
    answer(std::shared_ptr<const LogHold>(hold));
  });
}

void History::OpenLog(LogOpened answer) {
  store_.Post([this, link = link_, answer = std::move(answer)] {
    if (link->store == this) answer(OpenSegments(state_.log->segments()));
  });
}

void History::OnHandOver(HandOver entries) {
  if (std::ranges::find(writers_, entries.writer) == writers_.end()) {
    writers_.push_back(entries.writer);
    if (const std::string reason = trouble_.first(); !reason.empty()) {
      entries.writer->Post([reason](WriterEvents& writer) { writer.Trouble(reason); });
    }
  }
  intake_.Take(std::move(entries));
  // Feeds are slowed down from a half on.
  const bool much_waits = intake_.waiting_bytes() >= config_.max_unsynced.count / 4;
  if (much_waits && trouble_.first().empty()) return Sync();
  ScheduleSync();
}

void History::ScheduleSync() {
  if (sync_is_set_) return;
  sync_is_set_ = true;
  sync_ = store_.RunAt(last_sync_ + config_.sync_every, [this] { Sync(); });
}

void History::Sync() {
  sync_.Cancel();
  sync_is_set_ = false;
  Report(&Trouble::log, intake_.Sync([this](Lsn lsn, const Entry& entry) { Consume(lsn, entry); }));
  if (!state_.log->segments().empty()) outbox_.Tell(state_.log->segments().back());
  last_sync_ = store_.Now();
  stats_.history_unsynced_bytes = link_->unsynced_bytes.load();
  if (!intake_.empty()) ScheduleSync();
}

void History::Consume(Lsn lsn, const Entry& entry) {
  if (const Status applied = state_.inventory.Apply(lsn, entry); !applied) {
    spdlog::error("history: {}", applied.error().message);
    return;
  }
  if (const auto* frame = std::get_if<Frame>(&entry)) {
    if (IsMisplaced(*frame)) ++stats_.history_samples_misplaced;
    state_.open.Add(lsn, *frame, store_.WallNow());
  } else {
    codec_.SetSeriesCount(state_.inventory.next_series());
  }
}

void History::ScheduleTick() {
  tick_ = store_.RunAfter(kTickEvery, [this] { Tick(); });
}

void History::Tick() {
  Report(&Trouble::chunks, chunk_writer_.WriteDue(store_.WallNow()));
  for (const Hours hour : chunk_writer_.Written()) rollup_.Mark(hour);
  rollup_.Tick();
  if (store_.Now() - last_checkpoint_ >= config_.checkpoint_every) {
    Checkpoint();
    retention_.Apply(store_.WallNow());
  }
  stats_.history_open_bytes = state_.open.bytes();
  ScheduleTick();
}

void History::Checkpoint() {
  last_checkpoint_ = store_.Now();
  if (store_.Now() - last_roll_ >= kRollEvery * config_.checkpoint_every) {
    last_roll_ = store_.Now();
    state_.log->Roll();
  }
  // Of the last entries some may be names, which count as nothing and so are never counted.
  const auto oldest = state_.open.oldest();
  const Lsn unneeded = oldest ? *oldest - 1 : intake_.last_lsn();
  if (state_.log->HasUpTo(unneeded) && MayDropLog()) DropLog(unneeded);
  outbox_.Trim();
  stats_.history_log_bytes = state_.log->size().count;
  stats_.history_outbox_bytes = outbox_.size().count;
}

// What is known of devices is saved before the log that it could be read from goes, and not before:
// it would be written over and over.
void History::DropLog(Lsn unneeded) {
  if (state_.inventory.dirty()) {
    const Status saved = state_.meta->Save(state_.inventory);
    Report(&Trouble::meta, saved);
    if (!saved) return;
  }
  const auto remove = [this](const LogSegment& segment) { return outbox_.Remove(segment); };
  if (const Status dropped = state_.log->DropUpTo(unneeded, remove); !dropped) {
    spdlog::warn("history: {}", dropped.error().message);
  }
}

bool History::MayDropLog() {
  const auto hold = hold_.lock();
  if (hold == nullptr || hold->is_lost) return true;
  if (state_.log->size() <= config_.max_held_log) return false;
  hold->is_lost = true;
  spdlog::warn("history: the log has grown to {}: it is not kept for the backup to {} any longer",
               FormatBytes(state_.log->size()), hold->client);
  return true;
}

void History::Close() {
  sync_.Cancel();
  tick_.Cancel();
  rollup_.Stop();
  Sync();
  Report(&Trouble::chunks, chunk_writer_.WriteAll());
  state_.log->Roll();
  Checkpoint();
  state_.partitions->CloseAll();
  state_.minutes->CloseAll();
  state_.hours->CloseAll();
  sync_.Cancel();
  link_->store = nullptr;
}

void History::Report(std::string Trouble::* what, const Status& status) {
  const std::string before = trouble_.first();
  const bool was_well = (trouble_.*what).empty();
  trouble_.*what = status ? "" : status.error().message;
  if (!status) ++stats_.history_write_errors;
  if (!status && was_well) spdlog::error("history: {}", status.error().message);
  if (trouble_.first() == before) return;
  const std::string now = trouble_.first();
  if (now.empty()) spdlog::info("history: the disk takes samples again");
  for (const auto& writer : writers_) {
    writer->Post([now](WriterEvents& events) { events.Trouble(now); });
  }
}

}  // namespace edgefeed
