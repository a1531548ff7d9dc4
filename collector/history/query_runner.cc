#include "collector/history/query_runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace edgefeed {
namespace {

using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;

// Longer than any range: the buckets of a list of series do not matter.
constexpr milliseconds kOneBucket = hours(24) * 365 * 1000;

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
    for (HistorySeries& series : answered->series) names.push_back(std::move(series.series));
    answer(std::move(names));
  };
  Begin(
      {.query = std::move(query), .answer = names_only, .match = MatchAllSeries(state_.inventory)});
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
  for (const OpenChunk* chunk : state_.open.Of(run.device)) add(chunk->hour);
  return {all.begin(), all.end()};
}

void QueryRunner::Step(const std::shared_ptr<Run>& run) {
  if (run->hours.empty() || run->match.outputs.empty()) {
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
  if (const Status read = ReadHour(*run, hour); !read) return run->answer(read.error());
  if (CountBuckets(run->outputs) > run->query.limit) run->hours.clear();
  store_.Post([this, run, link = link_] {
    if (link->store != nullptr) Step(run);
  });
}

// In one go, because what is open now may be in the partition later.
Status QueryRunner::ReadHour(Run& run, Hours hour) {
  const WallTime from = std::max<WallTime>(run.query.from, hour);
  const WallTime to = std::min<WallTime>(run.query.to, hour + hours(1));
  OutputBuckets buckets;
  run.match.output_of.resize(state_.inventory.next_series());  // Series may be new since it began.
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

HistoryAnswer QueryRunner::Finish(Run& run, WallTime end) {
  HistoryAnswer answer{.series = {}, .end = end};
  for (std::size_t i = 0; i < run.outputs.size(); ++i) {
    if (run.outputs[i].empty()) continue;
    answer.series.push_back({std::move(run.match.outputs[i]), std::move(run.outputs[i])});
  }
  std::ranges::sort(answer.series, {}, &HistorySeries::series);
  return answer;
}

}  // namespace edgefeed
