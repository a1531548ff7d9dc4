// agent/outbox: a segment's file, damaged or not. Checksums are as they come: this is about finding
// one's way.
#include "agent/outbox/segment_reader.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void Run(std::string_view bytes) {
  SegmentReader reader(bytes, StreamPosition{.stream = 7, .sequence = 1});
  std::size_t records = 0;
  while (const auto record = reader.Next()) {
    Promise(++records <= bytes.size() / kRecordHeaderSize, "every record takes its room");
    const auto samples = reader.Decode(*record);
    if (!samples) continue;
    Promise(samples->size() == record->numbers.sequences.size(), "every sample has its number");
    for (const Sample& sample : *samples) {
      for (const Reading& reading : sample.readings) {
        Promise(reading.series < reader.series().size(), "readings are of known series");
      }
    }
  }
  Promise(reader.damage().bytes <= bytes.size(), "no more is damaged than there is");
  ParseSegmentName(bytes);
  ParseBootId(bytes);
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run(edgefeed::FuzzInput(data, size).rest());
  return 0;
}
