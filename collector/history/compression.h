#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace edgefeed {

// zstd at level 1, with its work space kept from one call to the next. Not thread-safe.
class Compression {
 public:
  Compression();
  ~Compression();
  Compression(const Compression&) = delete;
  Compression& operator=(const Compression&) = delete;

  // Appends.
  void Compress(std::string_view bytes, std::string& out);
  // Replaces `out`. DATA_LOSS when these are no such bytes, or would become more than `most`.
  Status Decompress(std::string_view bytes, std::size_t most, std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;
};

}  // namespace edgefeed
