#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace edgefeed {

using Sha256Digest = std::array<std::uint8_t, 32>;

// SHA-256 of bytes that come piece by piece (OpenSSL). About 200 MB/s on a CPU without instructions
// for it: not on a thread that others wait for.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(std::string_view bytes);
  // Once; nothing may be added afterwards.
  Sha256Digest Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256Digest Sha256Of(std::string_view bytes);

// Lower case hexadecimal digits.
std::string HexText(std::string_view bytes);
std::string ToString(const Sha256Digest& digest);

// The bytes as protobuf carries them.
std::string_view BytesOf(const Sha256Digest& digest);
// Nothing unless there are exactly 32.
std::optional<Sha256Digest> DigestFrom(std::string_view bytes);

}  // namespace edgefeed
