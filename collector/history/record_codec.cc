#include "collector/history/record_codec.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <variant>

#include "collector/history/log_record.h"
#include "common/base/sizes.h"
#include "common/base/varint.h"
#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace {

enum Flags : char { kContinues = 0, kBeginsAnew = 1 };

// How an entry is written: a frame of the device after the last, the device's next one; another
// frame; or in full. Bits, the first of which says whether there is another.
struct RecordKind {
  std::uint64_t bits;
  unsigned count;
};
constexpr RecordKind kNext{.bits = 1, .count = 1};
constexpr RecordKind kPlain{.bits = 0b00, .count = 2};
constexpr RecordKind kOther{.bits = 0b10, .count = 2};
constexpr RiceShape kSteps{.low_bits = 1, .zero_flag = false};
// From the lowest device to the highest and back, as ZigZag() has it.
constexpr std::uint64_t kMostStep = 2 * (std::uint64_t{kMaxDeviceNumber} + 1);
constexpr RiceShape kMostlyZero{.low_bits = 0, .zero_flag = true};
// Of a frame, which was checked when it came in.
constexpr SampleColumnLimits kOneSample{.samples = 1, .readings = 1'000'000};
// Sequences may be any numbers.
constexpr std::uint64_t kMaxGap = std::uint64_t{1} << 32U;

Error Damaged(const char* what) { return Error{Code::kDataLoss, what}; }

std::int64_t Delay(const Frame& frame) {
  // Of a damaged frame these may be any times.
  return static_cast<std::int64_t>(
      UnixMillis(frame.received) -
      static_cast<std::uint64_t>(frame.time.time_since_epoch().count()));
}

// How far the device is from the one after the last.
std::uint64_t Step(DeviceNumber device, DeviceNumber last) {
  return ZigZag(std::int64_t{device} - std::int64_t{last} - 1);
}

bool FollowsOn(const Frame& frame, const Frame& last) {
  if (frame.position.stream != last.position.stream) return false;
  return frame.position.stream == 0 || (frame.position.sequence > last.position.sequence &&
                                        frame.position.sequence - last.position.sequence < kMaxGap);
}

// How many numbers of the stream are left out.
std::uint64_t Gap(const Frame& frame, const Frame& last) {
  return frame.position.stream == 0 ? 0 : frame.position.sequence - last.position.sequence - 1;
}

Frame WithoutColumns(Frame frame) {
  frame.columns = {};
  return frame;
}

FrameChain Begin(const Frame& frame, const Sample& sample) {
  return {.last = WithoutColumns(frame),
          .delays = NumberTrack(Delay(frame)),
          .samples = SampleChain(sample)};
}

}  // namespace

void RecordEncoder::Encode(std::string_view entries, std::string& out) {
  const bool anew = records_ == 0;
  records_ = (records_ + 1) % kRecordsOfChains;
  if (anew) chains_.clear();
  count_ = last_device_ = 0;
  plain_.clear();
  bits_.clear();
  BitWriter bits(bits_);
  while (!entries.empty()) {
    const std::string_view before = entries;
    const auto entry = TakeEntry(entries);
    if (!entry) break;  // Of our own making.
    const std::string_view bytes = before.substr(0, before.size() - entries.size());
    ++count_;
    if (const auto* frame = std::get_if<Frame>(&*entry)) {
      AddFrame(*frame, bytes, bits);
    } else {
      AddPlain(bytes, bits);
    }
  }
  bits.Finish();
  packed_.clear();
  if (!plain_.empty()) compression_.Compress(plain_, packed_);
  out.push_back(anew ? kBeginsAnew : kContinues);
  PutVarint(count_, out);
  PutVarint(packed_.size(), out);
  out += packed_;
  out += bits_;
}

void RecordEncoder::AddPlain(std::string_view bytes, BitWriter& bits) {
  bits.Put(kPlain.bits, kPlain.count);
  plain_ += bytes;
}

void RecordEncoder::AddFrame(const Frame& frame, std::string_view bytes, BitWriter& bits) {
  const auto samples = DecodeSamples(frame.columns, kOneSample);
  if (!samples) return AddPlain(bytes, bits);
  const Sample& sample = samples->front();
  const auto chain = chains_.find(frame.device);
  if (chain != chains_.end() && FollowsOn(frame, chain->second.last) &&
      chain->second.samples.Fits(sample)) {
    return PutChained(frame, sample, chain->second, bits);
  }
  AddPlain(bytes, bits);
  chains_.insert_or_assign(frame.device, Begin(frame, sample));
}

void RecordEncoder::PutChained(const Frame& frame, const Sample& sample, FrameChain& chain,
                               BitWriter& bits) {
  const std::uint64_t step = Step(frame.device, std::exchange(last_device_, frame.device));
  const std::uint64_t gap = Gap(frame, chain.last);
  if (step == 0 && gap == 0) {
    bits.Put(kNext.bits, kNext.count);
  } else {
    bits.Put(kOther.bits, kOther.count);
    PutRice(step, kSteps, bits);
    PutRice(gap, kMostlyZero, bits);
  }
  chain.delays.Put(Delay(frame), bits);
  chain.samples.Put(sample, bits);
  chain.last = WithoutColumns(frame);
}

Status RecordDecoder::Decode(std::string_view payload, const Consumer& consumer) {
  count_ = given_ = 0;
  Status decoded = Unpack(payload, consumer);
  if (!decoded) Lose();
  return decoded;
}

Status RecordDecoder::Unpack(std::string_view payload, const Consumer& consumer) {
  if (payload.empty() || static_cast<unsigned char>(payload.front()) > kBeginsAnew) {
    return Damaged("a record of an unknown kind");
  }
  const bool anew = payload.front() == kBeginsAnew;
  payload.remove_prefix(1);
  const auto count = TakeVarint(payload);
  const auto packed = TakeVarint(payload);
  if (!count || !packed || *packed > payload.size() || *count > 8 * (payload.size() - *packed)) {
    return Damaged("a record that is cut off");
  }
  count_ = *count;
  if (anew) chains_.clear();
  plain_.clear();
  if (*packed > 0) {
    Status unpacked =
        compression_.Decompress(payload.substr(0, ToSize(*packed)), kMaxRecordBytes, plain_);
    if (!unpacked) return unpacked;
  }
  return TakeEntries(BitReader(payload.substr(ToSize(*packed))), consumer);
}

Status RecordDecoder::TakeEntries(BitReader bits, const Consumer& consumer) {
  std::string_view plain = plain_;
  device_ = 0;
  for (; given_ < count_; ++given_) {
    const bool is_next = bits.Take(1) == kNext.bits;
    const bool is_plain = !is_next && bits.Take(1) == 0;
    if (!is_plain) {
      const auto frame = TakeChained(is_next, bits);
      if (!frame) return frame.error();
      consumer(*frame);
      continue;
    }
    const auto entry = TakeEntry(plain);
    if (!entry) return entry.error();
    if (const auto* frame = std::get_if<Frame>(&*entry)) BeginChain(*frame);
    consumer(*entry);
  }
  if (!bits.ok() || !plain.empty()) return Damaged("a record that is not what was written");
  return {};
}

void RecordDecoder::BeginChain(const Frame& frame) {
  const auto samples = DecodeSamples(frame.columns, kOneSample);
  if (!samples) return;
  chains_.insert_or_assign(frame.device, Begin(frame, samples->front()));
}

Result<Frame> RecordDecoder::TakeChained(bool is_next, BitReader& bits) {
  const auto step = is_next ? 0 : TakeRice(kSteps, bits);
  const auto gap = is_next ? 0 : TakeRice(kMostlyZero, bits);
  if (!step || !gap || *step > kMostStep) return Damaged("not a frame");
  device_ = static_cast<DeviceNumber>(std::int64_t{device_} + 1 + UnZigZag(*step));
  const auto found = chains_.find(device_);
  if (found == chains_.end()) return Damaged("the frames before them are lost");
  FrameChain& chain = found->second;
  Frame& frame = chain.last;
  if (frame.position.stream != 0) frame.position.sequence += *gap + 1;
  chain.delays.Take(bits);
  const Sample& sample = chain.samples.Take(bits);
  if (!bits.ok()) return Damaged("a frame that is cut off");
  frame.time = sample.time;
  // Damaged bits may be any number, and the sum must be a time.
  constexpr std::int64_t kMostDelay = std::int64_t{1} << 60U;
  frame.received = sample.time + std::chrono::milliseconds(
                                     std::clamp(chain.delays.last(), -kMostDelay, kMostDelay));
  return WithColumns(frame, sample);
}

// As the writer had them.
Frame RecordDecoder::WithColumns(Frame frame, const Sample& sample) {
  for (const Reading& reading : sample.readings) {
    while (numbers_.size() <= reading.series) {
      numbers_.push_back(static_cast<std::uint32_t>(numbers_.size()));
    }
  }
  columns_.clear();
  const Sample* const samples[] = {&sample};
  EncodeSamples(samples, numbers_, columns_);
  frame.columns = columns_;
  return frame;
}

}  // namespace edgefeed
