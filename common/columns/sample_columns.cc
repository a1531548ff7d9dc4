#include "common/columns/sample_columns.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "common/base/sizes.h"
#include "common/base/varint.h"
#include "common/columns/column.h"

namespace edgefeed {
namespace {

constexpr std::int64_t kNoTime = -1;

struct Cell {
  std::uint32_t number = 0;
  std::uint32_t row = 0;
  double value = 0;
};

bool Before(const Cell& a, const Cell& b) {
  return std::tie(a.number, a.row) < std::tie(b.number, b.row);
}
bool SamePlace(const Cell& a, const Cell& b) { return a.number == b.number && a.row == b.row; }

std::vector<Cell> Cells(std::span<const Sample* const> samples,
                        std::span<const std::uint32_t> numbers) {
  std::vector<Cell> cells;
  std::size_t count = 0;
  for (const Sample* sample : samples) count += sample->readings.size();
  cells.reserve(count);
  for (std::uint32_t row = 0; row < samples.size(); ++row) {
    for (const Reading& reading : samples[row]->readings) {
      cells.push_back({numbers[reading.series], row, reading.value});
    }
  }
  if (!std::ranges::is_sorted(cells, Before)) std::ranges::stable_sort(cells, Before);
  const auto doubled = std::ranges::unique(cells, SamePlace);
  cells.erase(doubled.begin(), doubled.end());
  return cells;
}

// The cells of one series.
using ColumnCells = std::span<const Cell>;

std::vector<ColumnCells> SplitBySeries(std::span<const Cell> cells) {
  std::vector<ColumnCells> columns;
  for (std::size_t begin = 0; begin < cells.size();) {
    std::size_t end = begin + 1;
    while (end < cells.size() && cells[end].number == cells[begin].number) ++end;
    columns.push_back(cells.subspan(begin, end - begin));
    begin = end;
  }
  return columns;
}

void PutDoubles(std::span<const Sample* const> samples, double Sample::* member, std::string& out) {
  std::vector<double> values;
  values.reserve(samples.size());
  for (const Sample* sample : samples) values.push_back(sample->*member);
  EncodeColumn(values, out);
}

// Which series there are, as runs of consecutive numbers: (numbers skipped, length).
void PutNumbers(std::span<const ColumnCells> columns, std::string& out) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> runs;
  std::uint32_t next = 0;
  for (const ColumnCells& column : columns) {
    const std::uint32_t number = column.front().number;
    if (runs.empty() || number != next) runs.emplace_back(number - next, 0);
    ++runs.back().second;
    next = number + 1;
  }
  PutVarint(runs.size(), out);
  for (const auto& [skipped, length] : runs) {
    PutVarint(skipped, out);
    PutVarint(length, out);
  }
}

// The columns that some samples are without: (columns skipped, one bit a sample).
void PutAbsences(std::span<const ColumnCells> columns, std::size_t rows, std::string& out) {
  const auto partial = [rows](const ColumnCells& column) { return column.size() < rows; };
  PutVarint(static_cast<std::uint64_t>(std::ranges::count_if(columns, partial)), out);
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!partial(columns[i])) continue;
    PutVarint(i - next, out);
    next = i + 1;
    std::string bits((rows + 7) / 8, '\0');
    for (const Cell& cell : columns[i]) {
      auto& byte = bits[cell.row / 8];
      byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (cell.row % 8)));
    }
    out += bits;
  }
}

std::int64_t TimeOf(const Sample& sample) { return sample.time.time_since_epoch().count(); }
std::int64_t SinceBootOf(const Sample& sample) {
  return sample.since_boot ? sample.since_boot->count() : kNoTime;
}

// How long the device had been up less the time since the first sample: that stays the same,
// however late the samples were taken.
void PutTimes(std::span<const Sample* const> samples, std::string& out) {
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> since_boot;
  times.reserve(samples.size());
  since_boot.reserve(samples.size());
  for (const Sample* sample : samples) {
    times.push_back(TimeOf(*sample));
    since_boot.push_back(SinceBootOf(*sample) - (times.back() - times.front()));
  }
  EncodeIntegers(times, out);
  EncodeIntegers(since_boot, out);
}

}  // namespace

void EncodeSamples(std::span<const Sample* const> samples, std::span<const std::uint32_t> numbers,
                   std::string& out) {
  PutVarint(samples.size(), out);
  PutTimes(samples, out);
  PutDoubles(samples, &Sample::cpu_usage_percent, out);
  PutDoubles(samples, &Sample::memory_used_mib, out);
  const std::vector<Cell> cells = Cells(samples, numbers);
  const std::vector<ColumnCells> columns = SplitBySeries(cells);
  PutNumbers(columns, out);
  PutAbsences(columns, samples.size(), out);
  std::vector<double> values;
  for (const ColumnCells& column : columns) {
    values.clear();
    for (const Cell& cell : column) values.push_back(cell.value);
    EncodeColumn(values, out);
  }
}

// Reads what EncodeSamples wrote, piece by piece, in its order.
class SampleColumnsReader {
 public:
  // Without `series` every number stands for itself.
  SampleColumnsReader(std::string_view bytes,
                      std::optional<std::span<const std::optional<SeriesId>>> series,
                      const SampleColumnLimits& limits)
      : bytes_(bytes), series_(series), limits_(limits) {}

  Result<DecodedSamples> Read() {
    auto all = Step(std::numeric_limits<std::size_t>::max());
    return *std::move(all);
  }

  std::optional<Result<DecodedSamples>> Step(std::size_t values) {
    if (samples().empty()) {
      if (const Status taken = TakeHead(); !taken) return taken.error();
    }
    if (const Status taken = TakeReadings(values); !taken) return taken.error();
    if (next_column_ < columns_.size()) return std::nullopt;
    if (!bytes_.empty()) return Corrupt("bytes after the last column");
    return std::move(decoded_);
  }

 private:
  struct Column {
    std::uint32_t number = 0;
    std::string_view presence;  // Empty: every sample has it.
    [[nodiscard]] bool Has(std::size_t row) const {
      return presence.empty() ||
             (static_cast<unsigned char>(presence[row / 8]) >> (row % 8) & 1U) != 0;
    }
  };

  static Error Corrupt(std::string_view what) {
    return Error{Code::kDataLoss, "samples: " + std::string(what)};
  }

  std::vector<Sample>& samples() { return decoded_.samples; }

  // All but the readings.
  Status TakeHead() {
    for (const auto part :
         {&SampleColumnsReader::TakeCount, &SampleColumnsReader::TakeTimes,
          &SampleColumnsReader::TakeSinceBoot, &SampleColumnsReader::TakeHeadline,
          &SampleColumnsReader::TakeNumbers, &SampleColumnsReader::TakeAbsences}) {
      if (Status taken = (this->*part)(); !taken) return taken;
    }
    for (Sample& sample : samples()) sample.readings.reserve(columns_.size());
    return {};
  }

  Status TakeCount() {
    const auto count = TakeVarint(bytes_);
    if (!count || *count == 0) return Corrupt("no number of samples");
    if (*count > limits_.samples) {
      return Corrupt(std::to_string(*count) + " in one batch, at most " +
                     std::to_string(limits_.samples) + " are allowed");
    }
    samples().resize(ToSize(*count));
    return {};
  }

  Status TakeTimes() {
    integers_.clear();
    if (Status taken = DecodeIntegers(bytes_, samples().size(), integers_); !taken) return taken;
    for (std::size_t i = 0; i < samples().size(); ++i) {
      samples()[i].time = WallTime(std::chrono::milliseconds(integers_[i]));
    }
    return {};
  }

  Status TakeSinceBoot() {
    integers_.clear();
    if (Status taken = DecodeIntegers(bytes_, samples().size(), integers_); !taken) return taken;
    for (std::size_t i = 0; i < samples().size(); ++i) {
      const std::int64_t since_first = TimeOf(samples()[i]) - TimeOf(samples().front());
      const std::int64_t since_boot = integers_[i] + since_first;
      if (since_boot >= 0) samples()[i].since_boot = std::chrono::milliseconds(since_boot);
    }
    return {};
  }

  Status TakeHeadline() {
    for (const auto member : {&Sample::cpu_usage_percent, &Sample::memory_used_mib}) {
      values_.clear();
      if (Status taken = DecodeColumn(bytes_, samples().size(), values_); !taken) return taken;
      for (std::size_t i = 0; i < samples().size(); ++i) samples()[i].*member = values_[i];
    }
    return {};
  }

  Status TakeNumbers() {
    const auto runs = TakeVarint(bytes_);
    if (!runs || *runs > bytes_.size()) return Corrupt("no series");
    for (std::uint64_t run = 0; run < *runs; ++run) {
      if (Status taken = TakeRun(); !taken) return taken;
    }
    if (columns_.size() * samples().size() > limits_.readings) return TooMany();
    return {};
  }

  Status TakeRun() {
    const auto skipped = TakeVarint(bytes_);
    const auto length = TakeVarint(bytes_);
    if (!skipped || !length) return Corrupt("cut off in the series");
    const std::uint64_t end = series_ ? series_->size() : std::uint64_t{UINT32_MAX};
    if (*skipped > end || *length > end || next_number_ + *skipped + *length > end) {
      return Corrupt("a series that was never announced");
    }
    if (*length > limits_.readings - columns_.size()) return TooMany();
    // A column takes at least a byte.
    if (*length > bytes_.size()) return Corrupt("cut off in the series");
    next_number_ += *skipped;
    for (std::uint64_t i = 0; i < *length; ++i) {
      columns_.push_back({static_cast<std::uint32_t>(next_number_++), {}});
    }
    return {};
  }

  [[nodiscard]] Error TooMany() const {
    return Corrupt("more than " + std::to_string(limits_.readings) + " readings in one batch");
  }

  Status TakeAbsences() {
    const auto count = TakeVarint(bytes_);
    if (!count || *count > columns_.size()) return Corrupt("no list of gaps");
    const std::size_t size = (samples().size() + 7) / 8;
    std::size_t next = 0;
    for (std::uint64_t i = 0; i < *count; ++i) {
      const auto skipped = TakeVarint(bytes_);
      if (!skipped || *skipped >= columns_.size() || next + *skipped >= columns_.size() ||
          bytes_.size() < size) {
        return Corrupt("cut off in the gaps");
      }
      next += ToSize(*skipped);
      columns_[next++].presence = bytes_.substr(0, size);
      bytes_.remove_prefix(size);
    }
    return {};
  }

  Status TakeReadings(std::size_t values) {
    for (std::size_t taken = 0; taken < values && next_column_ < columns_.size();
         taken += samples().size()) {
      if (Status column = TakeColumn(columns_[next_column_++]); !column) return column;
    }
    return {};
  }

  Status TakeColumn(const Column& column) {
    std::size_t count = 0;
    for (std::size_t row = 0; row < samples().size(); ++row) count += column.Has(row) ? 1 : 0;
    values_.clear();
    if (Status taken = DecodeColumn(bytes_, count, values_); !taken) return taken;
    const auto series = series_ ? (*series_)[column.number] : std::optional(column.number);
    if (!series) {
      decoded_.dropped_readings += count;
      return {};
    }
    std::size_t next = 0;
    for (std::size_t row = 0; row < samples().size(); ++row) {
      if (column.Has(row)) samples()[row].readings.push_back({*series, values_[next++]});
    }
    return {};
  }

  std::string_view bytes_;
  std::optional<std::span<const std::optional<SeriesId>>> series_;
  const SampleColumnLimits limits_;
  DecodedSamples decoded_;
  std::vector<Column> columns_;
  std::size_t next_column_ = 0;
  std::uint64_t next_number_ = 0;
  std::vector<std::int64_t> integers_;
  std::vector<double> values_;
};

SamplesDecoder::SamplesDecoder(std::string_view bytes,
                               std::span<const std::optional<SeriesId>> series,
                               const SampleColumnLimits& limits)
    : reader_(std::make_unique<SampleColumnsReader>(bytes, series, limits)) {}
SamplesDecoder::~SamplesDecoder() = default;
SamplesDecoder::SamplesDecoder(SamplesDecoder&& other) noexcept = default;
SamplesDecoder& SamplesDecoder::operator=(SamplesDecoder&& other) noexcept = default;

std::optional<Result<DecodedSamples>> SamplesDecoder::Step(std::size_t values) {
  return reader_->Step(values);
}

Result<DecodedSamples> DecodeSamples(std::string_view bytes,
                                     std::span<const std::optional<SeriesId>> series,
                                     const SampleColumnLimits& limits) {
  return SampleColumnsReader(bytes, series, limits).Read();
}

Result<std::vector<Sample>> DecodeSamples(std::string_view bytes,
                                          const SampleColumnLimits& limits) {
  auto decoded = SampleColumnsReader(bytes, std::nullopt, limits).Read();
  if (!decoded) return decoded.error();
  return std::move(decoded->samples);
}

}  // namespace edgefeed
