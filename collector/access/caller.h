#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/digest/sha256.h"
#include "common/model/role.h"

namespace edgefeed {

// By what is known who calls.
enum class Proof {
  kNotAsked,     // Nobody is asked: all may do everything.
  kNone,         // Whoever it is, only devices' methods are open to him.
  kCertificate,  // Verified by TLS.
  kToken,
};

// Who calls.
struct Caller {
  Proof proof = Proof::kNone;
  Role role = Role::kDevice;
  std::vector<std::string> names;   // A person has one, a device those that it may act as.
  std::string serial;               // Of the certificate.
  Sha256Digest token{};             // Its digest.
  std::optional<WallTime> expires;  // Of the certificate or the token.
};

// For people: "device 'a' (certificate 0a1b)", "operator 'kim' (token)".
std::string Describe(const Caller& caller);

// Whose allowances a device uses: that of its names, whatever its certificate. Empty: the caller is
// not a device with a certificate.
std::string DeviceKey(const Caller& caller);

}  // namespace edgefeed
