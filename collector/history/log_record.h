#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/history/numbers.h"
#include "collector/history/record_codec.h"

// Segments and records of the frame log. FORMAT.md has the bytes.
namespace edgefeed {

constexpr std::string_view kSegmentHeader{"EFHLOG\0\1", 8};  // The last byte is the version.
constexpr std::string_view kRecordMagic = "EFr1";
constexpr std::size_t kRecordHeaderBytes = 20;
// Of the entries of one record that are written in full.
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;

struct LogRecordHeader {
  std::uint32_t checksum = 0;
  std::uint32_t payload_bytes = 0;
  Lsn first_lsn = 0;
};

// Appends the record of these entries, the first of which has this number.
void PutRecord(Lsn first_lsn, std::string_view entries, RecordEncoder& encoder, std::string& out);

// The header at the front of `bytes`; nothing without the magic or when it is cut off.
std::optional<LogRecordHeader> PeekLogRecordHeader(std::string_view bytes);

// Whether `bytes` begin with a whole record as it was written.
bool HoldsRecord(std::string_view bytes);

}  // namespace edgefeed
