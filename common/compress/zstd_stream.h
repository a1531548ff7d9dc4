#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

// zstd of bytes that come piece by piece, in bounded memory (libzstd).
namespace edgefeed {

// Level 1: 1.3 MiB of memory, whatever the length.
class ZstdCompressor {
 public:
  ZstdCompressor();

  // Appends to `out` what is ready.
  void Update(std::string_view bytes, std::string& out);
  // The end; afterwards a new frame may begin.
  void Finish(std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
};

// At most 8 MiB of memory: frames with a larger window are refused.
class ZstdDecompressor {
 public:
  ZstdDecompressor();

  // Takes bytes from the front of `in` and appends at most 128 KiB to `out`. Call it until `in` is
  // empty and nothing is appended. DATA_LOSS when these are no such bytes.
  Status Step(std::string_view& in, std::string& out);
  // Between two frames: the bytes so far are whole.
  [[nodiscard]] bool at_frame_end() const { return at_frame_end_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  bool at_frame_end_ = true;
};

}  // namespace edgefeed
