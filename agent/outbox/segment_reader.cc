#include "agent/outbox/segment_reader.h"

#include <algorithm>
#include <utility>

#include "common/columns/sample_columns.h"

namespace edgefeed {

SegmentReader::SegmentReader(std::string_view bytes, const StreamPosition& named) : bytes_(bytes) {
  header_.stream = named.stream;
  const auto header = DecodeSegmentHeader(bytes);
  if (!header) return;
  header_ = *header;
  at_ = newer() ? bytes.size() : kSegmentHeaderSize;
}

std::optional<SampleRecord> SegmentReader::Next() {
  while (const auto record = NextRecord()) {
    if (record->header.type == RecordType::kDictionary) Learn(*record);
    if (record->header.type != RecordType::kSamples) continue;
    std::string_view payload = record->payload;
    auto numbers = TakeSampleNumbers(payload, record->header.samples);
    if (numbers) return SampleRecord{*std::move(numbers), record->header.clock, payload};
    CountDamage(*record);
  }
  return std::nullopt;
}

std::optional<SegmentReader::Record> SegmentReader::NextRecord() {
  while (at_ < bytes_.size()) {
    const std::string_view rest = bytes_.substr(at_);
    if (const auto header = DecodeRecordHeader(rest, header_.stream)) {
      const std::string_view payload = rest.substr(kRecordHeaderSize, header->payload_size);
      if (PayloadIsWhole(*header, payload, header_.stream)) {
        at_ += kRecordHeaderSize + payload.size();
        return Record{*header, payload};
      }
      if (header->type == RecordType::kSamples) damage_.samples += header->samples;
    }
    PassDamage();
  }
  return std::nullopt;
}

// Not by the record's length: bytes may be missing in the middle of it.
void SegmentReader::PassDamage() {
  const std::size_t next = FindHeader(at_ + 1);
  ++damage_.records;
  damage_.bytes += next - at_;
  at_ = next;
}

std::size_t SegmentReader::FindHeader(std::size_t from) const {
  while (true) {
    const std::size_t found = bytes_.find(kRecordMagic, from);
    if (found == std::string_view::npos) return bytes_.size();
    if (DecodeRecordHeader(bytes_.substr(found), header_.stream)) return found;
    from = found + 1;
  }
}

void SegmentReader::CountDamage(const Record& record) {
  ++damage_.records;
  damage_.bytes += kRecordHeaderSize + record.payload.size();
  damage_.samples += record.header.samples;
}

void SegmentReader::Learn(const Record& record) {
  auto dictionary = DecodeDictionary(record.payload);
  if (!dictionary) return CountDamage(record);
  const std::size_t end = dictionary->first + dictionary->series.size();
  if (series_.size() < end) {
    series_.resize(end);
    ids_.resize(end);
  }
  for (std::size_t i = 0; i < dictionary->series.size(); ++i) {
    const std::size_t number = dictionary->first + i;
    series_[number] = std::move(dictionary->series[i]);
    ids_[number] = static_cast<SeriesId>(number);
  }
}

Result<std::vector<Sample>> SegmentReader::Decode(const SampleRecord& record) const {
  // A dictionary that is lost leaves numbers that nobody knows.
  auto ids = ids_;
  ids.resize(std::max<std::size_t>(ids.size(), record.numbers.dictionary_size));
  auto decoded = DecodeSamples(record.columns, ids,
                               {.samples = kMaxRecordSamples, .readings = kMaxRecordReadings});
  if (!decoded) return decoded.error();
  if (decoded->samples.size() != record.numbers.sequences.size()) {
    return Error{Code::kDataLoss, "segment: a record with samples that have no number"};
  }
  for (std::size_t i = 0; i < decoded->samples.size(); ++i) {
    decoded->samples[i].position = {header_.stream, record.numbers.sequences[i]};
    decoded->samples[i].clock = record.clock;
  }
  return std::move(decoded->samples);
}

}  // namespace edgefeed
