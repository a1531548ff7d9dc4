#pragma once

#include <variant>

#include "collector/access/caller.h"
#include "collector/access/denial.h"
#include "common/pki/peer_certificate.h"

namespace edgefeed {

// Whom a certificate proves, by its subject alternative names; its common name is not looked at.
//   URI edgefeed://device/NAME                     may act as device NAME; there may be several
//   URI edgefeed://viewer/NAME, operator, admin    the person NAME; the only one
//   without any of these: each DNS name is a device that it may act as
// Denied when there is none, when a URI of edgefeed:// is none of these, or when they name a person
// and somebody else.
std::variant<Caller, Denial> CallerOf(const PeerCertificate& certificate);

}  // namespace edgefeed
