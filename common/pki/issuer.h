#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/pki/certificate.h"
#include "common/pki/key.h"

namespace edgefeed {

enum class CertificatePurpose { kServer, kClient };

// Whom a certificate is for. The names are its subject alternative names; the common name is for
// people to read, of at most 64 bytes: longer ones are cut.
struct CertificateProfile {
  std::string common_name;
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  // IPv4 or IPv6
  CertificatePurpose purpose = CertificatePurpose::kClient;
};

// Certificates are good from so long ago: the clock of another machine may be behind.
constexpr std::chrono::minutes kBackdating{5};

// A certificate authority in memory: its certificate and its private key.
class Issuer {
 public:
  // A new authority with a key of its own, which issues for devices and servers, not for other
  // authorities.
  static Result<Issuer> Create(const std::string& name, WallTime now, WallTime not_after);
  // Refuses a key that is not the certificate's, and a certificate that may not issue others.
  static Result<Issuer> FromPair(Certificate certificate, Key key);

  // A certificate with a random serial number of 128 bits. It never outlives the authority's own.
  [[nodiscard]] Result<Certificate> Issue(const CertificateProfile& profile, const Key& subject,
                                          WallTime now, WallTime not_after) const;

  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const Key& key() const { return key_; }

 private:
  Issuer(Certificate certificate, Key key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  Certificate certificate_;
  Key key_;
};

}  // namespace edgefeed
