#include "common/digest/digest_text.h"

#include "common/base/text.h"

namespace edgefeed {

std::optional<Sha256Digest> ParseSha256(std::string_view digits) {
  Sha256Digest digest{};
  if (digits.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto byte = ParseHexNumber<std::uint8_t>(digits.substr(2 * i, 2));
    if (!byte) return std::nullopt;
    digest[i] = *byte;
  }
  return digest;
}

}  // namespace edgefeed
