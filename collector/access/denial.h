#pragma once

#include <cstddef>

#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// Why a call is refused, in the order of kAccessRefusalNames.
enum class AccessRefusal {
  kNoIdentity,   // It shows nothing.
  kCertificate,  // It names neither a device nor a person.
  kRevoked,
  kExpired,
  kToken,  // Nobody has such a token.
  kTokenExpired,
  kRole,            // Not enough for the method.
  kName,            // Another device than itself.
  kPort,            // A method of the other port.
  kTokenUsed,       // To enrol, and not by this key.
  kHasCertificate,  // A device that enrols.
  kRequest,         // No request for a certificate.
  kTooManyTries,    // To enrol.
};
static_assert(static_cast<std::size_t>(AccessRefusal::kTooManyTries) + 1 ==
              kAccessRefusalNames.size());

struct Denial {
  AccessRefusal reason = AccessRefusal::kNoIdentity;
  Error error;  // For the caller.
};

}  // namespace edgefeed
