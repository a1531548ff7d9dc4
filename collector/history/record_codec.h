#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/history/compression.h"
#include "collector/history/frame.h"
#include "collector/history/numbers.h"
#include "common/base/result.h"
#include "common/columns/bit_string.h"
#include "common/columns/number_track.h"
#include "common/columns/sample_chain.h"

// The payload of a log record. A frame is written as its differences from the device's frame before
// it, which may stand in an earlier record: once in kRecordsOfChains a record begins anew and needs
// none. FORMAT.md has the bytes.
namespace edgefeed {

constexpr int kRecordsOfChains = 300;

// What writer and reader know of a device's frames before.
struct FrameChain {
  Frame last;          // Without its columns.
  NumberTrack delays;  // From a sample's time to when it was received.
  SampleChain samples;
};
using FrameChains = std::unordered_map<DeviceNumber, FrameChain>;

class RecordEncoder {
 public:
  // The next record begins anew.
  void Reset() { records_ = 0; }

  // Appends the payload that holds these entries, in their order. Small when the frames of a device
  // stand together and devices ascend.
  void Encode(std::string_view entries, std::string& out);

 private:
  void AddPlain(std::string_view bytes, BitWriter& bits);
  void AddFrame(const Frame& frame, std::string_view bytes, BitWriter& bits);
  void PutChained(const Frame& frame, const Sample& sample, FrameChain& chain, BitWriter& bits);

  Compression compression_;
  FrameChains chains_;
  int records_ = 0;  // Since one began anew.
  std::uint64_t count_ = 0;
  DeviceNumber last_device_ = 0;
  std::string plain_;
  std::string packed_;
  std::string bits_;
};

class RecordDecoder {
 public:
  using Consumer = std::function<void(const Entry& entry)>;

  // What comes does not follow what was before.
  void Lose() { chains_.clear(); }

  // Gives the entries of a payload, in order, up to one that cannot be read. DATA_LOSS for what is
  // no payload, and when it needs a record that was lost: so too those after it, until one begins
  // anew.
  Status Decode(std::string_view payload, const Consumer& consumer);
  // Of the last payload: its entries, and those of them that could not be read.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t unreadable() const { return count_ - given_; }

 private:
  Status Unpack(std::string_view payload, const Consumer& consumer);
  Status TakeEntries(BitReader bits, const Consumer& consumer);
  void BeginChain(const Frame& frame);
  Result<Frame> TakeChained(bool is_next, BitReader& bits);
  Frame WithColumns(Frame frame, const Sample& sample);

  Compression compression_;
  FrameChains chains_;
  std::uint64_t count_ = 0;
  std::uint64_t given_ = 0;
  DeviceNumber device_ = 0;  // Of the last frame that was not written in full.
  std::string plain_;
  std::string columns_;
  std::vector<std::uint32_t> numbers_;  // Each itself.
};

}  // namespace edgefeed
