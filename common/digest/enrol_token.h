#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/digest/sha256.h"

namespace edgefeed {

// What a new board enrols with, in one word that can be copied:
//   edgefeed_enrol_ID_SECRET_AUTHORITY
struct EnrolToken {
  static constexpr std::size_t kIdDigits = 8;
  static constexpr std::size_t kSecretDigits = 32;  // 128 bits.

  std::string id;            // Lower case hexadecimal digits; no secret.
  std::string secret;        // Likewise, of chance.
  Sha256Digest authority{};  // Of the CA's certificate in DER: whom the board believes.
  friend bool operator==(const EnrolToken&, const EnrolToken&) = default;
};

bool IsEnrolTokenId(std::string_view text);

// The word. It holds the secret: not for logs.
std::string ToString(const EnrolToken& token);

// INVALID_ARGUMENT says what is wrong and repeats nothing of the text.
Result<EnrolToken> ParseEnrolToken(std::string_view text);

}  // namespace edgefeed
