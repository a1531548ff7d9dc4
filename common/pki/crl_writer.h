#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/pki/issuer.h"

namespace edgefeed {

struct RevokedSerial {
  std::string serial;  // Hexadecimal digits.
  WallTime at;
};

// A certificate revocation list in PEM (X.509 CRL version 2), signed by the issuer. A list with a
// greater number is newer. It is good for as long as the issuer is: lists go out when something was
// revoked, not by the calendar, and one that ends would shut out the whole fleet.
Result<std::string> WriteRevocationList(const Issuer& issuer,
                                        const std::vector<RevokedSerial>& revoked,
                                        std::uint64_t number, WallTime now);

// The number of the list; 0 when there is none, or no list.
std::uint64_t RevocationListNumber(std::string_view pem);

}  // namespace edgefeed
