#include "agent/outbox/disk_lane.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace edgefeed {
namespace {

constexpr int kReadTries = 60;

constexpr SeriesId kNoSeries = std::numeric_limits<SeriesId>::max();

}  // namespace

DiskLane::DiskLane(const Context& context, const SpoolLimits& limits, const BootId& boot_id)
    : core_(context.core),
      disk_(context.disk),
      series_(context.series),
      clock_(context.clock),
      boot_id_(boot_id),
      spool_(context.storage, limits, boot_id),
      outbox_full_(core_, "outbox_full",
                   "the collector has been away for long; a larger outbox.max_size holds more"),
      disk_full_(core_, "disk_full",
                 "others fill the file system; free space, or lower outbox.min_free") {}

std::vector<StreamState> DiskLane::Recover(std::size_t most) {
  const SpoolRecovered recovered = spool_.Recover();
  boots_ = recovered.boots;
  std::vector<StreamState> streams;
  for (const auto& [segment, sequences, trace] : recovered.segments) {
    index_.Add(segment, sequences);
    if (sequences.empty()) continue;
    counts_.recovered += sequences.size();
    if (streams.empty() || streams.back().id != segment.first.stream) {
      streams.push_back({.id = segment.first.stream, .order = segment.stream_order});
    }
    streams.back().last = streams.back().ever_sent = sequences.back();
  }
  // Damaged samples were there too: they are on both sides of the balance.
  counts_.recovered += recovered.damage.samples;
  counts_.dropped_damaged += recovered.damage.samples;
  counts_.damaged_records = recovered.damage.records;
  counts_.damaged_bytes = recovered.damage.bytes;
  others_ = recovered.others;
  LogRecovered(recovered);
  while (streams.size() > most) {
    DropStream(streams.front().id);
    streams.erase(streams.begin());
  }
  RemoveEmpty();
  return streams;
}

void DiskLane::LogRecovered(const SpoolRecovered& recovered) const {
  if (!recovered.status) {
    spdlog::warn("outbox: cannot be looked at: {}", recovered.status.error().message);
  }
  if (recovered.damage.records != 0) {
    spdlog::warn("outbox: {} damaged records of {} passed over", recovered.damage.records,
                 FormatBytes({recovered.damage.bytes}));
  }
  if (index_.samples() != 0) {
    spdlog::info("outbox: {} samples of an earlier run, {}", index_.samples(),
                 FormatBytes(index_.bytes()));
  }
  if (const std::size_t boots = boots_.never_set(boot_id_); boots != 0) {
    spdlog::warn(
        "outbox: earlier boots in which the clock was never set: {}; their samples are "
        "placed as late as they can have been",
        boots);
  }
}

void DiskLane::DropStream(StreamId stream) {
  const std::size_t samples = index_.EraseUpTo({stream, Lanes::kNoLimit});
  counts_.dropped_outbox_full += samples;
  spdlog::warn("outbox: {} samples are lost (outbox_full): the oldest of more than {} streams",
               samples, kMaxStreams - 1);
}

void DiskLane::SetLimits(const SpoolLimits& limits) {
  disk_.Post([this, limits] { spool_.SetLimits(limits); });
}

void DiskLane::Write(std::uint32_t stream_order, std::vector<Sample> samples,
                     std::function<void(const SpoolWritten&)> done) {
  SpoolGroup group{.stream_order = stream_order, .samples = std::move(samples), .series = {}};
  for (; told_series_ < series_.size(); ++told_series_) {
    group.series.push_back(series_[static_cast<SeriesId>(told_series_)]);
  }
  writing_ = true;
  const auto trace = TraceOf(boot_id_, group.samples.back());
  disk_.Post([this, trace, group = std::move(group), done = std::move(done)] {
    core_.Post([this, trace, written = spool_.Write(group), done] {
      writing_ = false;
      Note(written);
      if (written.status && trace) boots_.Note(*trace);
      done(written);
    });
  });
}

void DiskLane::Note(const SpoolWritten& written) {
  for (const Evicted& evicted : written.evicted) NoteEvicted(evicted);
  if (written.has_room) NoteRoom();
  counts_.bytes_written += written.bytes;
  NoteStatus(written.status);
}

void DiskLane::NoteEvicted(const Evicted& evicted) {
  const auto& [segment, why] = evicted;
  const auto is_it = [&](const StoredSegment& other) { return other.name == segment.name; };
  if (std::erase_if(others_, is_it) > 0) {
    spdlog::warn("outbox: {} made room: {}", segment.name,
                 segment.content == SegmentContent::kNewer ? "the oldest, of a newer version"
                                                           : "it could not be read");
    return;
  }
  const std::size_t samples = index_.Drop(segment.name);
  const bool is_full = why == Eviction::kOutboxFull;
  (is_full ? counts_.dropped_outbox_full : counts_.dropped_disk_full) += samples;
  (is_full ? outbox_full_ : disk_full_).Add(samples);
}

void DiskLane::NoteRoom() {
  outbox_full_.HasRoom();
  disk_full_.HasRoom();
}

void DiskLane::NoteStatus(const Status& status) {
  if (!status && !failing_since_) {
    failing_since_ = core_.Now();
    spdlog::warn("outbox: nothing can be written, samples stay in memory: {}",
                 status.error().message);
  } else if (status && failing_since_) {
    const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(
        core_.Now() - *std::exchange(failing_since_, std::nullopt));
    spdlog::info("outbox: samples are written again, after {}", FormatDuration(lasted));
  }
}

void DiskLane::Read(const SegmentIndex::Place& place, std::size_t most,
                    std::function<void(std::vector<Sample>)> done) {
  reading_ = true;
  disk_.Post([this, place, most, done = std::move(done)] {
    const std::uint64_t after = place.sequence - 1;
    core_.Post([this, place, done, read = spool_.Read(place.segment, after, most)]() mutable {
      reading_ = false;
      done(Settle(place, std::move(read)));
    });
  });
}

// A disk may fail for a moment: a file is given up only after so many tries, which come with each
// new sample at most.
std::vector<Sample> DiskLane::Settle(const SegmentIndex::Place& place, SpoolRead read) {
  if (!read.status && ++failed_reads_ < kReadTries) {
    if (failed_reads_ == 1) spdlog::warn("outbox: {}", read.status.error().message);
    return {};
  }
  failed_reads_ = 0;
  std::vector<std::uint64_t> found(read.samples.size());
  std::ranges::transform(read.samples, found.begin(),
                         [](const Sample& sample) { return sample.position.sequence; });
  counts_.dropped_damaged += index_.EraseMissing(place, read.read_to, found);
  // What was acknowledged or dropped meanwhile is not held any more.
  std::erase_if(read.samples,
                [this](const Sample& sample) { return !index_.Contains(sample.position); });
  Date(read.boot_id, read.samples);
  Translate(read.series, read.samples);
  RemoveEmpty();
  return std::move(read.samples);
}

// Those of this boot are dated when they are sent. A time since boot says nothing in another boot:
// there all samples of a boot are moved together.
void DiskLane::Date(const BootId& boot, std::vector<Sample>& samples) {
  if (boot == boot_id_ && boot != BootId{}) return;
  const WallTime now = clock_.At(std::chrono::milliseconds(0));
  const auto start = boots_.Find(boot, {boot_id_, {now, clock_.trust()}});
  for (Sample& sample : samples) {
    if (start && sample.since_boot) {
      sample.time = start->time + *sample.since_boot;
      sample.clock = start->trust;
    }
    sample.since_boot.reset();
  }
}

bool DiskLane::WantsTime() const {
  return boots_.IsBetter(boot_id_, clock_.trust()) && index_.HoldsSamplesOf(boot_id_);
}

void DiskLane::Translate(const std::vector<Series>& series, std::vector<Sample>& samples) {
  std::vector<std::optional<SeriesId>> ids(series.size());
  std::ranges::transform(series, ids.begin(), [this](const Series& one) {
    return one.metric.empty() ? std::nullopt : series_.Intern(one);
  });
  for (Sample& sample : samples) {
    for (Reading& reading : sample.readings) {
      const auto id = ids[reading.series];
      if (!id) ++counts_.dropped_readings;
      reading.series = id.value_or(kNoSeries);
    }
    std::erase_if(sample.readings, [](const Reading& r) { return r.series == kNoSeries; });
  }
}

std::uint32_t DiskLane::newest_foreign_order() const {
  std::uint32_t newest = 0;
  for (const StoredSegment& other : others_) newest = std::max(newest, other.stream_order);
  return newest;
}

Bytes DiskLane::size() const {
  Bytes size = index_.bytes();
  for (const StoredSegment& other : others_) size.count += other.size.count;
  return size;
}

void DiskLane::RemoveEmpty() {
  if (index_.samples() == 0) NoteRoom();
  if (writing_) return;  // What is being written may stand in one of them.
  for (std::string& name : index_.TakeEmpty()) {
    disk_.Post([this, name = std::move(name)] { spool_.Remove(name); });
  }
}

void DiskLane::AfterAll(Task done) {
  disk_.Post([this, done = std::move(done)] { core_.Post(done); });
}

}  // namespace edgefeed
