#include "agent/enrol/pinned_authority.h"

#include <doctest/doctest.h>

#include "common/pki/issuer.h"

namespace edgefeed {
namespace {

using doctest::Contains;
using std::chrono::days;

const WallTime kNow = FromUnixMillis(1'800'000'000'000);

doctest::String Text(const std::string& text) { return {text.c_str()}; }

struct Authority {
  Issuer issuer = *Issuer::Create("CA", kNow, kNow + days(3650));
  [[nodiscard]] std::string Pem() const { return *issuer.certificate().Pem(); }
  [[nodiscard]] Sha256Digest Fingerprint() const { return *issuer.certificate().Sha256(); }
  // What its collector shows.
  [[nodiscard]] std::string Chain() const {
    const auto own = issuer.Issue({.common_name = "hub",
                                   .dns_names = {"hub.example"},
                                   .addresses = {"10.0.0.1"},
                                   .purpose = CertificatePurpose::kServer},
                                  *Key::Generate(), kNow, kNow + days(90));
    return *own->Pem() + Pem();
  }
};

std::string WhyNot(const Result<Certificate>& authority) {
  REQUIRE_FALSE(authority);
  return authority.error().message;
}

TEST_CASE("the authority is the certificate with the fingerprint, whose collector is the host") {
  const Authority ca;
  for (const std::string host : {"hub.example", "10.0.0.1"}) {
    const auto found =
        PinnedAuthority(ca.Chain(), ca.Fingerprint(), {.host = host, .port = 1}, kNow);
    REQUIRE(found);
    CHECK(*found->Pem() == ca.Pem());
  }
}

TEST_CASE("who shows another authority, or only the right one's certificate, is not believed") {
  const Authority ca;
  const Authority foreign;
  const Endpoint hub{.host = "hub.example", .port = 1};
  for (const std::string& chain : {foreign.Chain(), std::string("nonsense"), std::string()}) {
    CHECK(Text(WhyNot(PinnedAuthority(chain, ca.Fingerprint(), hub, kNow))) ==
          Contains("hub.example:1 is not the collector that this token is for"));
  }
  // It is public: anybody can add it to his own.
  CHECK(Text(WhyNot(PinnedAuthority(foreign.Chain() + ca.Pem(), ca.Fingerprint(), hub, kNow))) ==
        Contains("a certificate that the token's CA did not issue"));
  CHECK(Text(WhyNot(PinnedAuthority(ca.Chain(), ca.Fingerprint(), {.host = "evil", .port = 1},
                                    kNow))) == Contains("is not for 'evil'"));
}

TEST_CASE("clocks that are wrong, and certificates that are old, are told apart") {
  const Authority ca;
  const Endpoint hub{.host = "hub.example", .port = 1};
  CHECK(Text(WhyNot(PinnedAuthority(ca.Chain(), ca.Fingerprint(), hub, WallTime()))) ==
        Contains("this device's clock says 1970-01-01T00:00:00"));
  CHECK(Text(WhyNot(PinnedAuthority(ca.Chain(), ca.Fingerprint(), hub, kNow + days(90)))) ==
        Contains("the certificate of hub.example:1 expired at "));
}

}  // namespace
}  // namespace edgefeed
