#include "agent/outbox/segment_format.h"

#include <algorithm>
#include <charconv>
#include <concepts>

#include "common/base/crc32c.h"
#include "common/base/sizes.h"
#include "common/base/text.h"
#include "common/base/varint.h"
#include "common/columns/column.h"

namespace edgefeed {
namespace {

constexpr std::string_view kSegmentMagic = "EFOUTBOX";
constexpr std::uint64_t kNoSinceBoot = ~std::uint64_t{0};
constexpr std::size_t kHexDigits = 16;
constexpr std::string_view kSuffix = ".seg";

template <std::unsigned_integral Number>
void Put(Number number, std::string& out) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    out.push_back(static_cast<char>(number & 0xFFU));
    number = static_cast<Number>(std::uint64_t{number} >> 8U);
  }
}

// Precondition: so many bytes there are.
template <std::unsigned_integral Number>
Number Get(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return static_cast<Number>(number);
}

std::uint32_t ChecksumOf(std::string_view bytes, StreamId stream) {
  std::string seed;
  Put(stream, seed);
  return Crc32c(bytes, Crc32c(seed));
}

Error Corrupt(std::string_view what) { return {Code::kDataLoss, "segment: " + std::string(what)}; }

void PutHex(std::uint64_t number, std::string& out) {
  std::array<char, kHexDigits> digits{};
  const auto* const end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
  const auto count = static_cast<std::size_t>(end - digits.begin());
  out.append(kHexDigits - count, '0').append(digits.data(), count);
}

std::optional<std::uint64_t> ParseHex(std::string_view text) {
  const bool plain = std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  std::uint64_t number = 0;
  if (!plain ||
      std::from_chars(text.data(), text.data() + text.size(), number, 16).ec != std::errc())
    return std::nullopt;
  return number;
}

void PutString(std::string_view text, std::string& out) {
  PutVarint(text.size(), out);
  out += text;
}

std::optional<std::string> TakeString(std::string_view& bytes) {
  const auto size = TakeVarint(bytes);
  if (!size || *size > bytes.size()) return std::nullopt;
  std::string text(bytes.substr(0, ToSize(*size)));
  bytes.remove_prefix(ToSize(*size));
  return text;
}

std::optional<Series> TakeSeries(std::string_view& bytes) {
  auto metric = TakeString(bytes);
  const auto labels = TakeVarint(bytes);
  if (!metric || !labels || *labels > bytes.size()) return std::nullopt;
  Series series{.metric = *std::move(metric), .labels = {}};
  for (std::uint64_t i = 0; i < *labels; ++i) {
    auto name = TakeString(bytes);
    auto value = TakeString(bytes);
    if (!name || !value) return std::nullopt;
    series.labels.push_back({*std::move(name), *std::move(value)});
  }
  return series;
}

// A newer program may know more.
ClockTrust ClockTrustFrom(std::uint8_t byte) {
  const auto trust = static_cast<ClockTrust>(byte);
  return trust <= ClockTrust::kKernel ? trust : ClockTrust::kUnknown;
}

}  // namespace

BootId ParseBootId(std::string_view text) {
  std::string digits(Trim(text));
  std::erase(digits, '-');
  BootId id{};
  if (digits.size() != 2 * id.size()) return {};
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto byte = ParseHex(std::string_view(digits).substr(2 * i, 2));
    if (!byte) return {};
    id[i] = static_cast<std::uint8_t>(*byte);
  }
  return id;
}

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string out(kSegmentMagic);
  Put(header.version, out);
  Put(header.priority, out);
  Put(std::uint8_t{0}, out);
  Put(header.stream_order, out);
  Put(header.stream, out);
  out.append(header.boot_id.begin(), header.boot_id.end());
  Put(static_cast<std::uint64_t>(header.time.time_since_epoch().count()), out);
  Put(header.since_boot ? static_cast<std::uint64_t>(header.since_boot->count()) : kNoSinceBoot,
      out);
  Put(std::uint32_t{0}, out);
  Put(Crc32c(out), out);
  return out;
}

Result<SegmentHeader> DecodeSegmentHeader(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderSize || !bytes.starts_with(kSegmentMagic)) {
    return Corrupt("no header");
  }
  const std::string_view checked = bytes.substr(0, kSegmentHeaderSize - 4);
  if (Get<std::uint32_t>(bytes, checked.size()) != Crc32c(checked)) {
    return Corrupt("damaged header");
  }
  SegmentHeader header{.version = Get<std::uint16_t>(bytes, 8),
                       .stream = Get<std::uint64_t>(bytes, 16),
                       .stream_order = Get<std::uint32_t>(bytes, 12),
                       .priority = Get<std::uint8_t>(bytes, 10)};
  std::ranges::copy(bytes.substr(24, header.boot_id.size()), header.boot_id.begin());
  header.time = WallTime(std::chrono::milliseconds(Get<std::uint64_t>(bytes, 40)));
  const auto since_boot = Get<std::uint64_t>(bytes, 48);
  if (since_boot != kNoSinceBoot) header.since_boot = std::chrono::milliseconds(since_boot);
  if (header.stream == 0) return Corrupt("no stream");
  return header;
}

std::string SegmentName(const StreamPosition& first) {
  std::string name;
  PutHex(first.stream, name);
  name.push_back('-');
  PutHex(first.sequence, name);
  return name.append(kSuffix);
}

std::optional<StreamPosition> ParseSegmentName(std::string_view name) {
  if (name.size() != 2 * kHexDigits + 1 + kSuffix.size() || name[kHexDigits] != '-' ||
      !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const auto stream = ParseHex(name.substr(0, kHexDigits));
  const auto sequence = ParseHex(name.substr(kHexDigits + 1, kHexDigits));
  if (!stream || !sequence || *stream == 0 || *sequence == 0) return std::nullopt;
  return StreamPosition{*stream, *sequence};
}

void AppendRecord(SegmentRecordHeader header, StreamId stream, std::string_view payload,
                  std::string& out) {
  header.payload_size = static_cast<std::uint32_t>(payload.size());
  header.payload_crc = ChecksumOf(payload, stream);
  std::string bytes(kRecordMagic);
  Put(header.payload_size, bytes);
  Put(static_cast<std::uint8_t>(header.type), bytes);
  Put(static_cast<std::uint8_t>(header.clock), bytes);
  Put(header.samples, bytes);
  Put(header.payload_crc, bytes);
  Put(ChecksumOf(bytes, stream), bytes);
  out.append(bytes).append(payload);
}

std::optional<SegmentRecordHeader> DecodeRecordHeader(std::string_view bytes, StreamId stream) {
  constexpr std::size_t kChecked = kRecordHeaderSize - 4;
  if (bytes.size() < kRecordHeaderSize || !bytes.starts_with(kRecordMagic) ||
      Get<std::uint32_t>(bytes, kChecked) != ChecksumOf(bytes.substr(0, kChecked), stream)) {
    return std::nullopt;
  }
  return SegmentRecordHeader{.type = static_cast<RecordType>(Get<std::uint8_t>(bytes, 8)),
                             .clock = ClockTrustFrom(Get<std::uint8_t>(bytes, 9)),
                             .samples = Get<std::uint16_t>(bytes, 10),
                             .payload_size = Get<std::uint32_t>(bytes, 4),
                             .payload_crc = Get<std::uint32_t>(bytes, 12)};
}

bool PayloadIsWhole(const SegmentRecordHeader& header, std::string_view payload, StreamId stream) {
  return ChecksumOf(payload, stream) == header.payload_crc;
}

std::string EncodeDictionary(std::uint32_t first, std::span<const Series* const> series) {
  std::string out;
  PutVarint(first, out);
  PutVarint(series.size(), out);
  for (const Series* one : series) {
    PutString(one->metric, out);
    PutVarint(one->labels.size(), out);
    for (const auto& [name, value] : one->labels) {
      PutString(name, out);
      PutString(value, out);
    }
  }
  return out;
}

Result<Dictionary> DecodeDictionary(std::string_view payload) {
  const auto first = TakeVarint(payload);
  const auto count = TakeVarint(payload);
  if (!first || !count || *first > kMaxDictionary || *count > kMaxDictionary - *first) {
    return Corrupt("damaged dictionary");
  }
  Dictionary dictionary{.first = static_cast<std::uint32_t>(*first), .series = {}};
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto series = TakeSeries(payload);
    if (!series) return Corrupt("dictionary that is cut off");
    dictionary.series.push_back(*std::move(series));
  }
  return dictionary;
}

void AppendSampleNumbers(const SampleNumbers& numbers, std::string& payload) {
  PutVarint(numbers.dictionary_size, payload);
  const std::vector<std::int64_t> sequences(numbers.sequences.begin(), numbers.sequences.end());
  EncodeIntegers(sequences, payload);
}

Result<SampleNumbers> TakeSampleNumbers(std::string_view& payload, std::size_t samples) {
  const auto size = TakeVarint(payload);
  if (!size || *size > kMaxDictionary) return Corrupt("no size of the dictionary");
  if (samples == 0 || samples > kMaxRecordSamples) return Corrupt("no number of samples");
  std::vector<std::int64_t> sequences;
  if (Status taken = DecodeIntegers(payload, samples, sequences); !taken) return taken.error();
  std::int64_t last = 0;
  for (const std::int64_t sequence : sequences) {
    if (sequence <= last) return Corrupt("numbers that do not increase");
    last = sequence;
  }
  return SampleNumbers{.dictionary_size = static_cast<std::uint32_t>(*size),
                       .sequences = {sequences.begin(), sequences.end()}};
}

}  // namespace edgefeed
