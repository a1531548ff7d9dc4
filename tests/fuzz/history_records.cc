// collector/history: payloads of the log's records, one after the other, as after their checksums.
// Each is a part; its second half, the frames as differences, follows the entries that are written
// in full, which are packed here, because a fuzzer does not find what zstd would unpack.
#include "collector/history/compression.h"
#include "collector/history/record_codec.h"
#include "common/base/varint.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

// A payload of FORMAT.md: flags, number of entries, what is packed, bits.
std::string Payload(FuzzInput& input, Compression& compression) {
  const std::uint8_t flags = input.Byte();
  const std::uint16_t count = input.Number16();
  const std::string_view plain = input.Part();
  std::string packed;
  if (!plain.empty()) compression.Compress(plain, packed);
  std::string payload(1, static_cast<char>(flags));
  PutVarint(count, payload);
  PutVarint(packed.size(), payload);
  return payload.append(packed).append(input.Part());
}

void Run(FuzzInput input) {
  Compression compression;
  RecordDecoder decoder;
  while (!input.empty()) {
    const std::string payload = Payload(input, compression);
    std::uint64_t given = 0;
    std::string entries;
    const Status decoded = decoder.Decode(payload, [&](const Entry& entry) {
      ++given;
      if (const auto* frame = std::get_if<Frame>(&entry)) PutFrame(*frame, entries);
    });
    Promise(given + decoder.unreadable() == decoder.count(), "every entry is counted");
    // What was read is written again, by whoever makes chunks of it.
    RecordEncoder encoder;
    std::string again;
    encoder.Encode(entries, again);
    if (!decoded) decoder.Lose();
  }
  const std::string_view raw = input.rest();
  (void)decoder.Decode(raw, [](const Entry&) {});
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run({data, size});
  return 0;
}
