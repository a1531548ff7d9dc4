#include "collector/history/query_runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

namespace edgefeed {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// Longer than any range: the buckets of a list of series do not matter.
constexpr milliseconds kOneBucket = hours(24) * 365 * 1000;

// Whether the buckets of the tier's row at `slot` give the same answer as all the samples in it.
bool IsEnough(const TierShape& tier, const HistoryQuery& query, Hours slot) {
  return query.step >= tier.bucket && query.step % tier.bucket == milliseconds(0) &&
         query.from <= slot && query.to >= slot + tier.slot;
}

}  // namespace

void QueryRunner::Start(const HistoryQuery& query, const HistoryAnswered& answer) {
  Begin({.query = query,
         .answer = answer,
         .match = MatchSeries(state_.inventory, query.metric, query.labels)});
}

void QueryRunner::ListSeries(const std::string& device, WallTime from, WallTime to,
                             const SeriesListed& answer) {
  HistoryQuery query{.device = device, .from = from, .to = to, .step = kOneBucket};
  query.limit = std::numeric_limits<std::size_t>::max();
  const auto names_only = [answer](Result<HistoryAnswer> answered) {
    if (!answered) return answer(answered.error());
    std::vector<Series> names;
    names.reserve(answered->series.size());
    for (HistorySeries& series : answered->series) names.push_back(std::move(series.series));
    const auto [again, end] = std::ranges::unique(names);  // What has more than one number.
    names.erase(again, end);
    answer(std::move(names));
  };
  Begin({.query = std::move(query),
         .answer = names_only,
         .match = MatchNumbers(state_.inventory.next_series())});
}

void QueryRunner::Begin(Run run) {
  const auto device = state_.inventory.NumberOf(run.query.device);
  if (!device) {
    return run.answer(Error{Code::kNotFound, "device '" + run.query.device + "' is not known"});
  }
  if (run.query.to < run.query.from || run.query.step.count() < 0) {
    return run.answer(Error{Code::kInvalidArgument, "a query's range or step is negative"});
  }
  run.device = *device;
  run.deadline = store_.Now() + run.query.timeout;
  const auto minutes = state_.minutes->List();
  run.minutes_begin =
      minutes.empty() ? WallTime(milliseconds::max()) : WallTime(minutes.front().begin);
  run.hours = HoursOf(run);
  std::ranges::reverse(run.hours);
  Step(std::make_shared<Run>(std::move(run)));
}

std::vector<Hours> QueryRunner::HoursOf(const Run& run) const {
  std::set<Hours> all;
  const auto add = [&](Hours hour) {
    if (hour < run.query.to && hour + hours(1) > run.query.from) all.insert(hour);
  };
  for (const Hours hour : state_.partitions->List()) add(hour);
  for (const Tier* tier : {state_.minutes.get(), state_.hours.get()}) {
    for (const Tier::File& file : tier->List()) {
      for (Hours hour = file.begin; hour < file.end; ++hour) add(hour);
    }
  }
  for (const OpenChunk* chunk : state_.open.Of(run.device)) add(chunk->hour);
  return {all.begin(), all.end()};
}

void QueryRunner::Step(const std::shared_ptr<Run>& run) {
  if (!run->query.is_wanted()) return;
  if (run->hours.empty() || run->match.outputs == 0) {
    const WallTime end = CutBuckets(run->query.limit, run->query.to, run->outputs);
    return run->answer(Finish(*run, end));
  }
  if (store_.Now() >= run->deadline) {
    return run->answer(Error{Code::kDeadlineExceeded,
                             "the query of '" + run->query.device + "' takes longer than " +
                                 std::to_string(run->query.timeout.count()) + " ms"});
  }
  const Hours hour = run->hours.back();
  run->hours.pop_back();
  if (const Status read = ReadSlot(*run, hour); !read) return run->answer(read.error());
  if (CountBuckets(run->outputs) > run->query.limit) run->hours.clear();
  store_.Post([this, run, link = link_] {
    if (link->store != nullptr) Step(run);
  });
}

// In one go, because what is open now may be in the partition later.
Status QueryRunner::ReadSlot(Run& run, Hours hour) {
  run.match.output_of.resize(state_.inventory.next_series());  // Series may be new since it began.
  const auto day = ReadDay(run, hour);
  if (!day) return day.error();
  if (*day) return {};
  const auto minutes = ReadMinutes(run, hour);
  if (!minutes) return minutes.error();
  if (*minutes) return {};
  return ReadSamples(run, hour);
}

Result<bool> QueryRunner::ReadDay(Run& run, Hours hour) {
  const Hours day = state_.hours->SlotOf(hour);
  const bool minutes_are_gone =
      state_.minutes->List().empty() || state_.minutes->List().front().begin > day;
  if (run.query.step < kHourTier.bucket && !minutes_are_gone) return false;
  const auto row = state_.hours->Read(day, run.device);
  if (!row) return row.error();
  if (!*row) return false;
  while (!run.hours.empty() && run.hours.back() < day + kHourTier.slot) run.hours.pop_back();
  return AddRow(run, **row, day + kHourTier.slot);
}

Result<bool> QueryRunner::ReadMinutes(Run& run, Hours hour) {
  std::error_code error;
  const bool has_samples = std::filesystem::exists(state_.partitions->PathOf(hour), error);
  if (has_samples && !IsEnough(kMinuteTier, run.query, hour)) return false;
  const auto row = state_.minutes->Read(hour, run.device);
  if (!row) return row.error();
  if (!*row) return false;
  const auto whole = IsWhole(**row);
  if (!whole) return whole.error();
  if (!*whole) return false;
  return AddRow(run, **row, hour + kMinuteTier.slot);
}

Result<bool> QueryRunner::IsWhole(const TierRow& row) const {
  const auto open = state_.open.Of(row.device);
  if (std::ranges::any_of(open, [&](const OpenChunk* chunk) { return chunk->hour == row.slot; })) {
    return false;
  }
  const auto written = state_.partitions->WrittenUpTo(row.slot, row.device);
  if (!written) return written.error();
  return *written <= row.lsn;
}

Result<bool> QueryRunner::AddRow(Run& run, const TierRow& row, Hours end) {
  OutputBuckets buckets;
  const WallTime from = std::max<WallTime>(run.query.from, row.slot);
  const WallTime to = std::min<WallTime>(run.query.to, end);
  const Status decoded = rollups_.Decode(row.data, run.match, from, to, buckets);
  if (!decoded) return decoded.error();
  MergeSteps(run.query.step, buckets);
  AppendSteps(run.query.step, std::move(buckets), run.outputs);
  return true;
}

Status QueryRunner::ReadSamples(Run& run, Hours hour) {
  const WallTime from = std::max<WallTime>(run.query.from, hour);
  const WallTime to = std::min<WallTime>(run.query.to, hour + hours(1));
  OutputBuckets buckets;
  const auto chunks = state_.partitions->Read(hour, run.device, from, to);
  if (!chunks) return chunks.error();
  for (const Chunk& chunk : *chunks) {
    const auto samples = codec_.Decode(chunk, run.match.output_of);
    if (!samples) {
      ++stats_.history_frames_unreadable;
      spdlog::error("history: {}: a chunk of '{}': {}", state_.partitions->PathOf(hour).string(),
                    run.query.device, samples.error().message);
      continue;
    }
    AddSamples(*samples, run.match, from, to, buckets);
  }
  for (const OpenChunk* chunk : state_.open.Of(run.device)) {
    if (chunk->hour != hour) continue;
    AddSamples(codec_.DecodeFrames(chunk->frames, run.match.output_of), run.match, from, to,
               buckets);
  }
  MergeSteps(run.query.step, buckets);
  AppendSteps(run.query.step, std::move(buckets), run.outputs);
  return {};
}

HistoryAnswer QueryRunner::Finish(Run& run, WallTime end) const {
  HistoryAnswer answer{.series = {}, .end = end};
  for (std::size_t i = 0; i < run.outputs.size(); ++i) {
    if (run.outputs[i].empty()) continue;
    std::vector<Series>& names = run.match.names;
    auto name = names.empty() ? NameOf(i, state_.inventory) : std::move(names[i]);
    if (name) answer.series.push_back({*std::move(name), std::move(run.outputs[i])});
  }
  std::ranges::sort(answer.series, {}, &HistorySeries::series);
  return answer;
}

}  // namespace edgefeed
