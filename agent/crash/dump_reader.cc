#include "agent/crash/dump_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace edgefeed {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kPiece = std::size_t{1} << 20;
// A packed file of a few bytes can unpack for days.
constexpr std::uint64_t kMaxContent = std::uint64_t{64} << 30;

Packing PackingOf(std::string_view beginning) {
  if (beginning.starts_with("\x28\xB5\x2F\xFD"sv)) return Packing::kZstd;
  for (const std::string_view magic : {"\x1F\x8B"sv, "\xFD\x37zXZ\0"sv, "\x04\x22\x4D\x18"sv}) {
    if (beginning.starts_with(magic)) return Packing::kOther;
  }
  return Packing::kNone;
}

}  // namespace

Result<DumpReader::Piece> DumpReader::Next() {
  Piece piece;
  content_.clear();
  if (packed_.empty()) {
    if (Status filled = Fill(); !filled) return filled.error();
    piece.stored = stored_;
    packed_ = stored_;
  }
  if (zstd_) {
    if (Status unpacked = Unpack(); !unpacked) return unpacked.error();
    piece.content = content_;
  } else {
    if (packing_ == Packing::kNone) piece.content = packed_;
    packed_ = {};
  }
  piece.is_last = at_end_ && packed_.empty() && content_.empty();
  return piece;
}

Status DumpReader::Fill() {
  stored_.resize(kPiece);
  std::size_t used = 0;
  while (used < kPiece) {
    const ssize_t n =
        ::pread(fd_, stored_.data() + used, kPiece - used, static_cast<off_t>(offset_ + used));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError("reading the dump", errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  stored_.resize(used);
  at_end_ = used < kPiece;
  if (offset_ == 0) {
    packing_ = PackingOf(stored_);
    if (packing_ == Packing::kZstd && unpacking_ == Unpacking::kWanted) zstd_.emplace();
  }
  offset_ += used;
  return {};
}

Status DumpReader::Unpack() {
  while (content_.size() + (std::size_t{128} << 10) <= kPiece) {
    const std::size_t before = content_.size();
    const std::size_t waiting = packed_.size();
    if (Status stepped = zstd_->Step(packed_, content_); !stepped) return stepped;
    if (content_.size() == before && packed_.size() == waiting) break;
  }
  content_bytes_ += content_.size();
  if (content_bytes_ > kMaxContent) return Error{Code::kDataLoss, "unpacks to too much"};
  return {};
}

}  // namespace edgefeed
