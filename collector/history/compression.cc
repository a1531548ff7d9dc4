#include "collector/history/compression.h"

#include <zstd.h>

#include <cstdint>
#include <new>

#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr int kLevel = 1;
// Of a zstd frame: a block takes at least its header and a byte, and becomes at most this.
constexpr std::uint64_t kLeastBlockBytes = 4;
constexpr std::uint64_t kMostOfBlock = std::uint64_t{128} << 10;

}  // namespace

void Compression::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void Compression::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

Compression::Compression() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()) {
  if (!compressor_ || !decompressor_) throw std::bad_alloc();
}

Compression::~Compression() = default;

void Compression::Compress(std::string_view bytes, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(bytes.size()));
  const std::size_t size =
      ZSTD_compressCCtx(compressor_.get(), out.data() + before, out.size() - before, bytes.data(),
                        bytes.size(), kLevel);
  // With room for the bound it can only lack memory.
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.resize(before + size);
}

Status Compression::Decompress(std::string_view bytes, std::size_t most, std::string& out) {
  // Unknown and wrong are the two largest numbers.
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  const std::uint64_t possible = (bytes.size() / kLeastBlockBytes + 1) * kMostOfBlock;
  if (size > most || size > possible) return Error{Code::kDataLoss, "not what zstd has written"};
  out.resize(ToSize(size));
  const std::size_t written =
      ZSTD_decompressDCtx(decompressor_.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (written != size) return Error{Code::kDataLoss, "damaged zstd frame"};
  return {};
}

}  // namespace edgefeed
