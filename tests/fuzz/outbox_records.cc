// agent/outbox: records whose checksums are right, with contents that no agent has written. Each is
// a byte for type and clock, the number of samples and the payload.
#include "agent/outbox/segment_reader.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

constexpr StreamId kStream = 7;

std::string Segment(FuzzInput input) {
  std::string bytes = EncodeSegmentHeader({.stream = kStream});
  while (!input.empty()) {
    const std::uint8_t kind = input.Byte();
    SegmentRecordHeader header;
    header.type = static_cast<RecordType>(kind & 3U);
    header.clock = static_cast<ClockTrust>(kind >> 2U);
    header.samples = input.Number16();
    AppendRecord(header, kStream, input.Part(), bytes);
  }
  return bytes;
}

void Run(FuzzInput input) {
  const std::string bytes = Segment(input);
  SegmentReader reader(bytes, StreamPosition{.stream = kStream, .sequence = 1});
  while (const auto record = reader.Next()) {
    Promise(record->numbers.sequences.size() <= kMaxRecordSamples, "a record is bounded");
    const auto samples = reader.Decode(*record);
    if (!samples) continue;
    for (const Sample& sample : *samples) {
      Promise(sample.position.stream == kStream, "samples are of the segment's stream");
      for (const Reading& reading : sample.readings) {
        Promise(reading.series < reader.series().size(), "readings are of known series");
      }
    }
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run({data, size});
  return 0;
}
