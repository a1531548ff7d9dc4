#include "collector/history/log_record.h"

#include "common/base/crc32c.h"

namespace edgefeed {
namespace {

constexpr std::size_t kChecksumAt = 4;
constexpr std::size_t kChecked = 8;  // From here on.
constexpr std::size_t kLsnAt = 12;

void SetNumber(std::uint64_t value, std::size_t size, char* at) {
  for (std::size_t i = 0; i < size; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

std::uint64_t NumberAt(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return value;
}

}  // namespace

void PutRecord(Lsn first_lsn, std::string_view entries, RecordEncoder& encoder, std::string& out) {
  const std::size_t begin = out.size();
  out += kRecordMagic;
  out.resize(begin + kRecordHeaderBytes);
  encoder.Encode(entries, out);
  char* const header = out.data() + begin;
  SetNumber(out.size() - begin - kRecordHeaderBytes, 4, header + kChecked);
  SetNumber(first_lsn, 8, header + kLsnAt);
  SetNumber(Crc32c(std::string_view(out).substr(begin + kChecked)), 4, header + kChecksumAt);
}

std::optional<LogRecordHeader> PeekLogRecordHeader(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes || !bytes.starts_with(kRecordMagic)) return std::nullopt;
  return LogRecordHeader{.checksum = static_cast<std::uint32_t>(NumberAt(bytes, kChecksumAt, 4)),
                         .payload_bytes = static_cast<std::uint32_t>(NumberAt(bytes, kChecked, 4)),
                         .first_lsn = NumberAt(bytes, kLsnAt, 8)};
}

bool HoldsRecord(std::string_view bytes) {
  const auto header = PeekLogRecordHeader(bytes);
  if (!header || header->payload_bytes > bytes.size() - kRecordHeaderBytes) return false;
  const std::size_t checked = kRecordHeaderBytes - kChecked + header->payload_bytes;
  return Crc32c(bytes.substr(kChecked, checked)) == header->checksum;
}

}  // namespace edgefeed
