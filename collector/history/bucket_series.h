#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "collector/history/query.h"
#include "collector/history/series_match.h"
#include "common/base/clock.h"
#include "common/model/sample.h"

namespace edgefeed {

// Buckets of each of a SeriesMatch's outputs.
using OutputBuckets = std::vector<std::vector<HistoryBucket>>;

// Adds each value of the samples that is asked for and from `from` up to `to` (not included).
void AddSamples(const std::vector<Sample>& samples, const SeriesMatch& match, WallTime from,
                WallTime to, OutputBuckets& outputs);

// Puts them in order of time and merges those of one step; of step 0, none.
void MergeSteps(std::chrono::milliseconds step, OutputBuckets& outputs);

// Appends newer buckets; the last and the first of one step become one.
void AppendSteps(std::chrono::milliseconds step, OutputBuckets newer, OutputBuckets& outputs);

// How many buckets there are.
std::size_t CountBuckets(const OutputBuckets& outputs);

// Leaves out the newest moments until at most `limit` buckets are left, but at least one moment.
// Returns the first moment left out; `end` when that is none.
WallTime CutBuckets(std::size_t limit, WallTime end, OutputBuckets& outputs);

}  // namespace edgefeed
