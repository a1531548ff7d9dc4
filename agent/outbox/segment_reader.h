#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/outbox/segment_format.h"
#include "common/base/result.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// What could not be read.
struct Damage {
  std::uint64_t records = 0;  // Places where something is damaged.
  std::uint64_t bytes = 0;
  std::uint64_t samples = 0;  // In records of which at least the header is whole.

  Damage& operator+=(const Damage& other) {
    records += other.records;
    bytes += other.bytes;
    samples += other.samples;
    return *this;
  }
};

// A record of samples, not decoded yet.
struct SampleRecord {
  SampleNumbers numbers;
  ClockTrust clock = ClockTrust::kUnknown;
  std::string_view columns;
};

// Reads one segment from its beginning. Passes over what is damaged: a record that is whole is
// found again wherever it stands.
class SegmentReader {
 public:
  // `bytes`, the whole file, must outlive the reader. `named` is what its name says, for a header
  // that is damaged.
  SegmentReader(std::string_view bytes, const StreamPosition& named);

  // What could be read of the header, from the name otherwise.
  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  // A newer program wrote this: nothing is read.
  [[nodiscard]] bool newer() const { return header_.version > kSegmentVersion; }

  // The next record of samples that is whole; nothing at the end.
  std::optional<SampleRecord> Next();
  // Its samples, with positions. Their readings refer to series(); those whose dictionary is
  // damaged are left out.
  Result<std::vector<Sample>> Decode(const SampleRecord& record) const;

  [[nodiscard]] const std::vector<Series>& series() const { return series_; }
  // Of what has been passed up to now.
  [[nodiscard]] const Damage& damage() const { return damage_; }

 private:
  // A whole record, from here on.
  struct Record {
    SegmentRecordHeader header;
    std::string_view payload;
  };

  std::optional<Record> NextRecord();
  [[nodiscard]] std::size_t FindHeader(std::size_t from) const;
  void PassDamage();
  void CountDamage(const Record& record);
  void Learn(const Record& record);

  std::string_view bytes_;
  SegmentHeader header_;
  std::size_t at_ = 0;
  // By number; ids_ has the number itself where it is known.
  std::vector<Series> series_;
  std::vector<std::optional<SeriesId>> ids_;
  Damage damage_;
};

}  // namespace edgefeed
