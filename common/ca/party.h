#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/pki/issuer.h"

namespace edgefeed {

enum class PartyKind { kDevice, kCollector, kViewer, kOperator, kAdmin };

// Whom a certificate is for. Its files have one directory for each party, by its name.
struct Party {
  PartyKind kind = PartyKind::kDevice;
  std::string name;                // A collector's is the first of its hosts.
  std::vector<std::string> hosts;  // DNS names and addresses of a collector; else empty.
  friend bool operator==(const Party&, const Party&) = default;
};

// "device", "collector", "viewer", "operator", "admin".
Result<PartyKind> ParsePartyKind(std::string_view text);
std::string_view ToString(PartyKind kind);

// Names are those of devices (CheckDeviceName), but for "." and "..". A collector has at least one
// host, the others one name. Errors quote what is wrong.
Result<Party> MakeParty(PartyKind kind, const std::vector<std::string>& names);

// What Edgefeed's programs look for in a certificate: the URI edgefeed://KIND/NAME, and the hosts
// of a collector.
CertificateProfile ProfileOf(const Party& party);

// "device cam-01"
std::string Describe(const Party& party);

}  // namespace edgefeed
