// collector/history: a segment of the frame log as a file, whole or not. Behind the header stand
// records whose checksums are right, or bytes as they are.
#include <sys/mman.h>
#include <unistd.h>

#include "collector/history/log_record.h"
#include "collector/history/log_segment_reader.h"
#include "common/base/crc32c.h"
#include "common/base/unique_fd.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/silent_log.h"

namespace edgefeed {
namespace {

void PutLittleEndian(std::uint64_t value, std::size_t bytes, std::string& out) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// FORMAT.md: magic, checksum of what follows, size, number of the first entry, payload.
void PutSealed(Lsn first, std::string_view payload, std::string& out) {
  std::string checked;
  PutLittleEndian(payload.size(), 4, checked);
  PutLittleEndian(first, 8, checked);
  checked += payload;
  out += kRecordMagic;
  PutLittleEndian(Crc32c(checked), 4, out);
  out += checked;
}

std::string Segment(FuzzInput input) {
  std::string bytes(kSegmentHeader);
  while (!input.empty()) {
    const std::uint8_t kind = input.Byte();
    if (kind == 0) {
      bytes += input.Part();
    } else {
      PutSealed(kind, input.Part(), bytes);
    }
  }
  return bytes;
}

void Read(const std::string& bytes) {
  // The same file for every run.
  static const UniqueFd file(::memfd_create("segment", MFD_CLOEXEC));
  Promise(::ftruncate(file.get(), 0) == 0, "the file can be cut");
  Promise(::pwrite(file.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "the file can be written");
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  (void)FirstLsn(path);
  const auto reader = LogSegmentReader::Open(path, 1);
  if (!reader) return;
  std::size_t records = 0;
  while (true) {
    const auto more = (*reader)->Next(bytes.size(), [](Lsn, const Entry&) {});
    if (!more || !*more) return;
    Promise(++records <= bytes.size() / kRecordHeaderBytes, "every record takes its room");
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool silent = edgefeed::SilenceLog();
  (void)silent;
  const edgefeed::FuzzInput input(data, size);
  edgefeed::Read(edgefeed::Segment(input));
  edgefeed::Read(std::string(input.rest()));
  return 0;
}
