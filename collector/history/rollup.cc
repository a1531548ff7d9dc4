#include "collector/history/rollup.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDevicesAtOnce = 16;
// So many rows are worth a commit, which writes some pages again.
constexpr std::size_t kManyRows = 128;
// Leaves the strand to others for as long as a step takes, about.
constexpr auto kStepEvery = 20ms;
constexpr auto kRetryAfter = 60s;

}  // namespace

void Rollup::Tick() {
  if (job_ || store_.Now() < not_before_) return;
  if (const Status begun = Begin(); !begun) return Fail(begun.error());
  if (job_) ScheduleStep();
}

bool Rollup::IsPending(Hours hour) const {
  const bool now = job_ && job_->tier == state_.minutes.get() && job_->slot == hour;
  return now || hours_.contains(hour);
}

std::optional<Hours> Rollup::TakeHour() {
  if (hours_.empty() || *hours_.begin() + 1h + grace_ > store_.WallNow()) return std::nullopt;
  return *hours_.begin();
}

std::optional<Hours> Rollup::TakeDay() {
  for (const Hours day : days_) {
    const auto unfinished = hours_.lower_bound(day);
    if (unfinished != hours_.end() && *unfinished < day + 24h) continue;
    if (day + 24h + grace_ <= store_.WallNow()) return day;
  }
  return std::nullopt;
}

Status Rollup::Begin() {
  if (const auto hour = TakeHour()) {
    const auto progress = state_.partitions->Progress(*hour);
    if (!progress) return progress.error();
    return Plan(*state_.minutes, *hour, *progress);
  }
  if (const auto day = TakeDay()) {
    const auto progress = ProgressOfDay(*day);
    if (!progress) return progress.error();
    return Plan(*state_.hours, *day, *progress);
  }
  return {};
}

Status Rollup::Plan(Tier& tier, Hours slot, const std::vector<DeviceProgress>& progress) {
  const auto written = tier.WrittenUpTo(slot);
  if (!written) return written.error();
  Job job{.tier = &tier, .slot = slot, .devices = {}, .rows = {}};
  for (const DeviceProgress& device : progress) {
    const auto row = written->find(device.device);
    if (row == written->end() || row->second < device.lsn) job.devices.push_back(device);
  }
  std::ranges::sort(job.devices, std::greater(), &DeviceProgress::device);
  // From now on whatever is added marks it again.
  (&tier == state_.minutes.get() ? hours_ : days_).erase(slot);
  job_ = std::move(job);
  return {};
}

Result<std::vector<DeviceProgress>> Rollup::ProgressOfDay(Hours day) const {
  std::unordered_map<DeviceNumber, Lsn> newest;
  for (Hours hour = day; hour < day + 24h; ++hour) {
    const auto written = state_.minutes->WrittenUpTo(hour);
    if (!written) return written.error();
    for (const auto& [device, lsn] : *written) newest[device] = std::max(newest[device], lsn);
  }
  std::vector<DeviceProgress> progress;
  progress.reserve(newest.size());
  for (const auto& [device, lsn] : newest) progress.push_back({.device = device, .lsn = lsn});
  return progress;
}

void Rollup::ScheduleStep() {
  step_ = store_.RunAfter(kStepEvery, [this] { Step(); });
}

void Rollup::Step() {
  if (const Status made = MakeRows(); !made) return Fail(made.error());
  const bool done = job_->devices.empty();
  if (done || job_->rows.size() >= kManyRows) {
    const Status written = job_->tier->Write(std::exchange(job_->rows, {}));
    if (!written) return Fail(written.error());
  }
  if (!done) return ScheduleStep();
  if (job_->tier == state_.minutes.get()) days_.insert(state_.hours->SlotOf(job_->slot));
  job_.reset();
}

Status Rollup::MakeRows() {
  const SeriesMatch match = MatchNumbers(state_.inventory.next_series());
  for (std::size_t i = 0; i < kDevicesAtOnce && !job_->devices.empty(); ++i) {
    const DeviceProgress device = job_->devices.back();
    auto outputs = job_->tier == state_.minutes.get() ? SamplesOf(device.device, job_->slot, match)
                                                      : MinutesOf(device.device, job_->slot, match);
    if (!outputs) return outputs.error();
    job_->devices.pop_back();
    MergeSteps(job_->tier->shape().bucket, *outputs);
    if (CountBuckets(*outputs) == 0) continue;
    job_->rows.push_back({.slot = job_->slot,
                          .device = device.device,
                          .lsn = device.lsn,
                          .data = rollups_.Encode(*outputs)});
  }
  return {};
}

Result<OutputBuckets> Rollup::SamplesOf(DeviceNumber device, Hours hour, const SeriesMatch& match) {
  OutputBuckets outputs;
  const auto chunks = state_.partitions->Read(hour, device, hour, hour + 1h);
  if (!chunks) return chunks.error();
  for (const Chunk& chunk : *chunks) {
    const auto samples = codec_.Decode(chunk, match.output_of);
    if (!samples) {
      ++stats_.history_frames_unreadable;
      spdlog::error("history: {}: a chunk is not in the minutes: {}",
                    state_.partitions->PathOf(hour).string(), samples.error().message);
      continue;
    }
    AddSamples(*samples, match, hour, hour + 1h, outputs);
  }
  return outputs;
}

Result<OutputBuckets> Rollup::MinutesOf(DeviceNumber device, Hours day, const SeriesMatch& match) {
  OutputBuckets outputs;
  for (Hours hour = day; hour < day + 24h; ++hour) {
    const auto row = state_.minutes->Read(hour, device);
    if (!row) return row.error();
    if (!*row) continue;
    const Status decoded = rollups_.Decode((*row)->data, match, hour, hour + 1h, outputs);
    if (decoded) continue;
    ++stats_.history_frames_unreadable;
    spdlog::error("history: {}: {}", HourName(hour), decoded.error().message);
  }
  return outputs;
}

void Rollup::Fail(const Error& why) {
  spdlog::error("history: no rollup now: {}", why.message);
  not_before_ = store_.Now() + kRetryAfter;
  if (!job_) return;
  (job_->tier == state_.minutes.get() ? hours_ : days_).insert(job_->slot);
  job_.reset();
}

}  // namespace edgefeed
