#include "agent/crash/framed_file.h"

#include <cstdint>

#include "common/base/crc32c.h"
#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMagicSize = 8;
constexpr std::size_t kHeaderSize = kMagicSize + 16;
constexpr std::size_t kCrcAt = kHeaderSize - 4;

void PutU32(std::uint32_t value, std::string& out) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
}

std::uint32_t U32At(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return value;
}

}  // namespace

std::string Frame(std::string_view magic, const FramedFile& file) {
  std::string bytes(magic.substr(0, kMagicSize));
  PutU32(kVersion, bytes);
  PutU32(static_cast<std::uint32_t>(file.head.size()), bytes);
  std::string rest;
  PutU32(static_cast<std::uint32_t>(file.body.size()), bytes);
  const std::uint32_t crc = Crc32c(file.body, Crc32c(file.head, Crc32c(bytes)));
  PutU32(crc, rest);
  return bytes + rest + file.head + file.body;
}

Result<FramedFile> Unframe(std::string_view magic, std::string_view bytes) {
  if (bytes.size() < kHeaderSize || !bytes.starts_with(magic)) {
    return Error{Code::kDataLoss, "has not the beginning that it should have"};
  }
  if (U32At(bytes, kMagicSize) > kVersion) {
    return Error{Code::kUnimplemented, "was written by a newer program"};
  }
  const std::uint64_t head = U32At(bytes, kMagicSize + 4);
  const std::uint64_t body = U32At(bytes, kMagicSize + 8);
  if (bytes.size() != kHeaderSize + head + body) {
    return Error{Code::kDataLoss, "has not the size that it should have"};
  }
  if (U32At(bytes, kCrcAt) != Crc32c(bytes.substr(kHeaderSize), Crc32c(bytes.substr(0, kCrcAt)))) {
    return Error{Code::kDataLoss, "is damaged: its checksum is another"};
  }
  return FramedFile{.head = std::string(bytes.substr(kHeaderSize, ToSize(head))),
                    .body = std::string(bytes.substr(ToSize(kHeaderSize + head)))};
}

std::string BytesFromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    const auto digit = [&](std::size_t i) {
      const char c = hex[i];
      return c >= 'a' ? c - 'a' + 10 : c - '0';
    };
    bytes.push_back(static_cast<char>(digit(at) * 16 + digit(at + 1)));
  }
  return bytes;
}

}  // namespace edgefeed
