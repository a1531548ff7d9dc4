#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "collector/access/caller.h"
#include "collector/access/denial.h"
#include "collector/access/method.h"
#include "common/pki/peer_certificates.h"
#include "common/tokens/token_list.h"

namespace edgefeed {

enum class Port { kShared, kDevices, kOperators, kEnrolment };

// What a port wants of its callers.
struct PortPolicy {
  Port port = Port::kShared;
  bool certificates = false;  // It has a client_ca.
  bool tokens = false;        // Operators have tokens.
  std::string other;          // Where the other port is, for people; with kDevices and kOperators.
};

// What changes while the collector runs.
struct AccessLists {
  std::vector<std::string> revoked;  // Serial numbers, in order.
  std::vector<AccessToken> tokens;
};

// What a call shows.
struct Credentials {
  std::string certificate;    // PEM, verified by TLS; empty: none.
  std::string authorization;  // Of the call's metadata; likewise.
};

// The decisions. They are pure: `now` is the wall clock's time.

// A certificate that names somebody counts before a token.
std::variant<Caller, Denial> Identify(const Credentials& shown, const PortPolicy& policy,
                                      const AccessLists& lists, WallTime now,
                                      PeerCertificates& certificates);
// Nothing: he may.
std::optional<Denial> CheckCall(const Caller& caller, Method method, const PortPolicy& policy);
// Whether what is asked of this device, or sent as it, is the caller's. Empty: of all devices.
std::optional<Denial> CheckDevice(const Caller& caller, std::string_view device);
// Whether what proved the caller is still good.
std::optional<Denial> CheckProof(const Caller& caller, const AccessLists& lists, WallTime now);

}  // namespace edgefeed
