#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/compress/zstd_stream.h"

namespace edgefeed {

// How the bytes of a dump file are packed.
enum class Packing { kNone, kZstd, kOther };  // kOther: packed by something that we do not unpack.

enum class Unpacking { kWanted, kNotWanted };

// Reads a dump file once, from its front, in pieces that are quickly dealt with, and unpacks zstd.
// Never maps the file: a producer that cuts it short would kill us.
class DumpReader {
 public:
  struct Piece {
    std::string_view stored;   // As in the file; may be empty.
    std::string_view content;  // What it unpacks to, if that is wanted; may be empty.
    bool is_last = false;
  };

  // `fd` must outlive it.
  DumpReader(int fd, Unpacking unpacking) : fd_(fd), unpacking_(unpacking) {}

  // The views hold until the next call. At most 1 MiB each. DATA_LOSS: the packed bytes make no
  // sense from here on, or unpack to more than any memory has.
  Result<Piece> Next();

  // Known after the first piece.
  [[nodiscard]] Packing packing() const { return packing_; }
  // What was unpacked ends where it should. Nothing else is known to end anywhere.
  [[nodiscard]] bool is_whole() const { return !zstd_ || zstd_->at_frame_end(); }

 private:
  Status Fill();
  Status Unpack();

  int fd_;
  Unpacking unpacking_;
  std::uint64_t offset_ = 0;
  std::string stored_;
  std::string_view packed_;  // Of stored_, what is not unpacked yet.
  std::string content_;
  std::uint64_t content_bytes_ = 0;
  Packing packing_ = Packing::kNone;
  std::optional<ZstdDecompressor> zstd_;
  bool at_end_ = false;
};

}  // namespace edgefeed
