#include "agent/enrol/pinned_authority.h"

#include <algorithm>
#include <vector>

#include "common/base/units.h"

namespace edgefeed {

Status CheckTime(const Certificate& certificate, const std::string& whose, WallTime now) {
  if (now < certificate.NotBefore()) {
    return Error{Code::kFailedPrecondition,
                 "this device's clock says " + FormatTime(now) + ", and the certificate of " +
                     whose + " is good from " + FormatTime(certificate.NotBefore()) +
                     ": set the clock, then try again"};
  }
  if (now < certificate.NotAfter()) return {};
  return Error{Code::kFailedPrecondition,
               "the certificate of " + whose + " expired at " + FormatTime(certificate.NotAfter()) +
                   " (this device's clock says " + FormatTime(now) + ")"};
}

Result<Certificate> PinnedAuthority(const std::string& chain_pem, const Sha256Digest& fingerprint,
                                    const Endpoint& collector, WallTime now) {
  const std::string who = ToString(collector);
  auto chain = Certificate::AllFromPem(chain_pem);
  const auto pinned = std::ranges::find_if(chain, [&](const Certificate& one) {
    const auto digest = one.Sha256();
    return digest && *digest == fingerprint;
  });
  if (pinned == chain.end()) {
    return Error{Code::kPermissionDenied,
                 who +
                     " is not the collector that this token is for: it shows no certificate "
                     "with the token's fingerprint. The token was not sent"};
  }
  const Certificate& own = chain.front();
  if (Status good = CheckTime(*pinned, "the CA of " + who, now); !good) return good.error();
  if (Status good = CheckTime(own, who, now); !good) return good.error();
  if (!own.IsIssuedBy(*pinned)) {
    return Error{Code::kPermissionDenied,
                 who +
                     " shows a certificate that the token's CA did not issue. The token was not "
                     "sent"};
  }
  if (!own.IsFor(collector.host)) {
    return Error{Code::kPermissionDenied,
                 "the certificate of " + who + " is not for '" + collector.host +
                     "': say --collector with a name that it has, or issue one for this name. The "
                     "token was not sent"};
  }
  return std::move(*pinned);
}

}  // namespace edgefeed
