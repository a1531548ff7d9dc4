#include "ctl/render/timeline.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/unit/ctl/past_values.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("without steps a gap is three times the usual distance") {
  const auto samples = SamplesOf({1, 1, 1, -1, -1, 1, 1, -1, -1, -1, 1, 1});
  const auto longest = LongestDistance(samples, 0ms);
  CHECK(longest == 3s);
  CHECK(CountGaps(samples, longest) == 1);
  CHECK_FALSE(IsAfterGap(samples, 3, longest));
  CHECK(IsAfterGap(samples, 5, longest));
}

TEST_CASE("with steps one that is missing is a gap, unless samples are rarer than steps") {
  const auto samples = SamplesOf({1, 1, 1, -1, 1});
  CHECK(CountGaps(samples, LongestDistance(samples, 1s)) == 1);
  const auto rare = SamplesOf({1, -1, 1, -1, 1, -1, 1});
  CHECK(CountGaps(rare, LongestDistance(rare, 1s)) == 0);
  CHECK(LongestDistance({}, 1s) == 1500ms);
  CHECK(CountGaps({}, 0ms) == 0);
}

using Range = std::optional<ColumnRange>;

TEST_CASE("values that share a column are its range, and lonely ones last until the next") {
  const std::vector<PastValue> values = {SampleAt(0s, 5), SampleAt(1s, 7), SampleAt(4s, 3),
                                         SampleAt(10s, 2)};
  const auto columns = FoldIntoColumns(values, kPastStart, kPastStart + 12s, 6, 3s);
  const std::vector<Range> expected = {
      ColumnRange{5, 7}, ColumnRange{7, 7}, ColumnRange{3, 3}, {}, {}, ColumnRange{2, 2}};
  CHECK((columns == expected));
}

TEST_CASE("values outside of the time stand at its ends, and NaN nowhere") {
  const std::vector<PastValue> values = {SampleAt(-5s, 1), SampleAt(2s, NAN), SampleAt(99s, 2)};
  const auto columns = FoldIntoColumns(values, kPastStart, kPastStart + 4s, 4, 1s);
  CHECK((columns == std::vector<Range>{ColumnRange{1, 1}, {}, {}, ColumnRange{2, 2}}));
  CHECK(FoldIntoColumns(values, kPastStart, kPastStart, 2, 1s).size() == 2);
}

}  // namespace
}  // namespace edgefeed
