#include "agent/outbox/segment_writer.h"

#include <algorithm>
#include <limits>

#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace {

constexpr std::uint32_t kNoNumber = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::string SegmentWriter::Encode(std::span<const Sample> samples, std::span<const Series> names) {
  std::string out;
  if (!begun_) out = EncodeSegmentHeader(header_);
  begun_ = true;
  AppendDictionary(samples, names, out);
  // However many series there are, a record stays within what a reader takes.
  const std::size_t fits = kMaxRecordReadings / std::max<std::size_t>(dictionary_size_, 1);
  const std::size_t most = std::clamp<std::size_t>(fits, 1, kMaxRecordSamples);
  for (; samples.size() > most; samples = samples.subspan(most)) {
    AppendSamples(samples.first(most), out);
  }
  AppendSamples(samples, out);
  return out;
}

void SegmentWriter::AppendDictionary(std::span<const Sample> samples, std::span<const Series> names,
                                     std::string& out) {
  numbers_.resize(std::max(numbers_.size(), names.size()), kNoNumber);
  const std::uint32_t first = dictionary_size_;
  std::vector<const Series*> fresh;
  for (const Sample& sample : samples) {
    for (const Reading& reading : sample.readings) {
      if (numbers_[reading.series] != kNoNumber) continue;
      numbers_[reading.series] = dictionary_size_++;
      fresh.push_back(&names[reading.series]);
    }
  }
  if (fresh.empty()) return;
  AppendRecord({.type = RecordType::kDictionary}, header_.stream, EncodeDictionary(first, fresh),
               out);
}

void SegmentWriter::AppendSamples(std::span<const Sample> samples, std::string& out) const {
  SampleNumbers numbers{.dictionary_size = dictionary_size_, .sequences = {}};
  std::vector<const Sample*> pointers;
  for (const Sample& sample : samples) {
    numbers.sequences.push_back(sample.position.sequence);
    pointers.push_back(&sample);
  }
  std::string payload;
  AppendSampleNumbers(numbers, payload);
  EncodeSamples(pointers, numbers_, payload);
  // They are written together and so were dated by the same clock.
  AppendRecord({.type = RecordType::kSamples,
                .clock = samples.front().clock,
                .samples = static_cast<std::uint16_t>(samples.size())},
               header_.stream, payload, out);
}

}  // namespace edgefeed
