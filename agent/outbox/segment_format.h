#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/clock_trust.h"
#include "common/model/sample.h"
#include "common/model/series.h"
#include "common/model/stream.h"

// The bytes of a segment: one file of the outbox. FORMAT.md says why. No input or output here.
namespace edgefeed {

// /proc/sys/kernel/random/boot_id without its dashes: which run of the kernel a time since boot is
// of. All zero: not known.
using BootId = std::array<std::uint8_t, 16>;

// "f1d40a13-…": what the kernel says, with or without the newline. All zero when it is no boot id.
BootId ParseBootId(std::string_view text);

constexpr std::uint16_t kSegmentVersion = 1;
constexpr std::uint8_t kSamplePriority = 1;

struct SegmentHeader {
  std::uint16_t version = kSegmentVersion;
  StreamId stream = 0;
  std::uint32_t stream_order = 0;           // Streams that began later have a higher one.
  std::uint8_t priority = kSamplePriority;  // The lowest goes first when there is no room.
  BootId boot_id{};
  // One moment on two clocks.
  WallTime time;
  std::optional<std::chrono::milliseconds> since_boot;
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

constexpr std::size_t kSegmentHeaderSize = 64;
std::string EncodeSegmentHeader(const SegmentHeader& header);
// DATA_LOSS when it is damaged. Of a version above kSegmentVersion only stream, order and priority
// are sure.
Result<SegmentHeader> DecodeSegmentHeader(std::string_view bytes);

// "0123456789abcdef-0000000000000001.seg": the stream and the lowest number in it.
std::string SegmentName(const StreamPosition& first);
// Nothing for a file that is none of ours.
std::optional<StreamPosition> ParseSegmentName(std::string_view name);

enum class RecordType : std::uint8_t { kDictionary = 1, kSamples = 2 };

struct SegmentRecordHeader {
  RecordType type = RecordType::kSamples;
  ClockTrust clock = ClockTrust::kUnknown;  // How well the times of the samples were known.
  std::uint16_t samples = 0;                // 0 for a dictionary.
  std::uint32_t payload_size = 0;
  std::uint32_t payload_crc = 0;
};

constexpr std::size_t kRecordHeaderSize = 20;
constexpr std::string_view kRecordMagic = "\xEF\x52\xC3\x0A";
// Appends the whole record; sets size and checksum of the payload. The checksums depend on the
// stream, so that what a crashed file system leaves of another file is not taken for ours.
void AppendRecord(SegmentRecordHeader header, StreamId stream, std::string_view payload,
                  std::string& out);
// Nothing when `bytes` do not begin with an undamaged header.
std::optional<SegmentRecordHeader> DecodeRecordHeader(std::string_view bytes, StreamId stream);
bool PayloadIsWhole(const SegmentRecordHeader& header, std::string_view payload, StreamId stream);

// A dictionary: what the numbers from `first` on stand for in the records that follow.
struct Dictionary {
  std::uint32_t first = 0;
  std::vector<Series> series;
};
std::string EncodeDictionary(std::uint32_t first, std::span<const Series* const> series);
Result<Dictionary> DecodeDictionary(std::string_view payload);

// The most that one record of samples may claim.
constexpr std::size_t kMaxRecordSamples = 256;
constexpr std::size_t kMaxRecordReadings = std::size_t{1} << 18U;
constexpr std::uint32_t kMaxDictionary = 1U << 20U;

// What stands in a record of samples, in front of the columns.
struct SampleNumbers {
  std::uint32_t dictionary_size = 0;     // Numbers given to series up to here.
  std::vector<std::uint64_t> sequences;  // Increasing, from 1 at least.
};
void AppendSampleNumbers(const SampleNumbers& numbers, std::string& payload);
// Takes them off the front of `payload`; `samples` is how many the record's header says.
Result<SampleNumbers> TakeSampleNumbers(std::string_view& payload, std::size_t samples);

}  // namespace edgefeed
