#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/sizes.h"

namespace edgefeed {

// A part of a file.
struct FileRange {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  [[nodiscard]] std::uint64_t end() const { return offset + bytes; }
};

// Cuts parts out of a file that streams by. Parts are in the file's order and apart from each
// other; of one that has begun before `position` nothing is taken.
class StreamCutter {
 public:
  StreamCutter() = default;
  StreamCutter(std::vector<FileRange> ranges, std::uint64_t position)
      : ranges_(std::move(ranges)), position_(position) {
    while (next_ < ranges_.size() && ranges_[next_].offset < position_) ++next_;
  }

  // Calls `take(part, bytes)` with the bytes of each part, piece by piece.
  template <typename Take>
  void Update(std::string_view bytes, Take take) {
    while (next_ < ranges_.size() && !bytes.empty()) {
      const FileRange& range = ranges_[next_];
      if (position_ < range.offset) {
        Advance(bytes, range.offset - position_);
        continue;
      }
      const std::string_view piece = bytes.substr(0, ToSize(range.end() - position_));
      if (!piece.empty()) take(next_, piece);
      Advance(bytes, piece.size());
      if (position_ >= range.end()) ++next_;
    }
    position_ += bytes.size();
  }

  // How many bytes of the file have gone by.
  [[nodiscard]] std::uint64_t position() const { return position_; }

 private:
  void Advance(std::string_view& bytes, std::uint64_t by) {
    const auto taken = std::min(ToSize(by), bytes.size());
    bytes.remove_prefix(taken);
    position_ += taken;
  }

  std::vector<FileRange> ranges_;
  std::size_t next_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace edgefeed
