#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/pki/certificate.h"

namespace edgefeed {

// The certificate of `chain_pem`, which somebody at `collector` has shown, that has this
// fingerprint: whom to believe. The error says why this is no collector to send a token to, or why
// TLS would fail: the certificate is another CA's, not for this host, or not good at this time.
Result<Certificate> PinnedAuthority(const std::string& chain_pem, const Sha256Digest& fingerprint,
                                    const Endpoint& collector, WallTime now);

// A certificate is good at this time, or what is to be done. `whose`: for people.
Status CheckTime(const Certificate& certificate, const std::string& whose, WallTime now);

}  // namespace edgefeed
