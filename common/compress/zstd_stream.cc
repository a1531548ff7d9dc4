#include "common/compress/zstd_stream.h"

#include <zstd.h>

#include <new>

namespace edgefeed {
namespace {

constexpr int kLevel = 1;
constexpr int kMaxWindowLog = 23;  // 8 MiB.

// Compression fails for want of memory only.
std::size_t Must(std::size_t result) {
  if (ZSTD_isError(result) != 0) throw std::bad_alloc();
  return result;
}

}  // namespace

void ZstdCompressor::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void ZstdDecompressor::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdCompressor::ZstdCompressor() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  Must(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel));
  Must(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
}

namespace {

// False once everything has been taken (and, at the end, flushed).
bool Drive(ZSTD_CCtx_s* context, ZSTD_inBuffer& in, ZSTD_EndDirective how, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t room = ZSTD_CStreamOutSize();
  out.resize(before + room);
  ZSTD_outBuffer buffer{out.data() + before, room, 0};
  const std::size_t left = Must(ZSTD_compressStream2(context, &buffer, &in, how));
  out.resize(before + buffer.pos);
  return how == ZSTD_e_end ? left != 0 : in.pos < in.size;
}

}  // namespace

void ZstdCompressor::Update(std::string_view bytes, std::string& out) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (in.pos < in.size && Drive(context_.get(), in, ZSTD_e_continue, out)) {
  }
}

void ZstdCompressor::Finish(std::string& out) {
  ZSTD_inBuffer in{nullptr, 0, 0};
  while (Drive(context_.get(), in, ZSTD_e_end, out)) {
  }
}

ZstdDecompressor::ZstdDecompressor() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  Must(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog));
}

Status ZstdDecompressor::Step(std::string_view& in, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t room = ZSTD_DStreamOutSize();
  out.resize(before + room);
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  ZSTD_outBuffer buffer{out.data() + before, room, 0};
  const std::size_t left = ZSTD_decompressStream(context_.get(), &buffer, &source);
  out.resize(before + buffer.pos);
  in.remove_prefix(source.pos);
  if (ZSTD_isError(left) != 0) {
    return Error{Code::kDataLoss, std::string("zstd: ") + ZSTD_getErrorName(left)};
  }
  if (source.pos > 0 || buffer.pos > 0) at_frame_end_ = left == 0;
  return {};
}

}  // namespace edgefeed
