#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/pki/key.h"

struct x509_st;

namespace edgefeed {

// One X.509 certificate.
class Certificate {
 public:
  // The first one of the text. Errors name `file`.
  static Result<Certificate> FromPem(std::string_view file, std::string_view pem);

  // All of the text, in its order.
  static std::vector<Certificate> AllFromPem(std::string_view pem);

  // Takes one reference to the certificate.
  explicit Certificate(x509_st* certificate) : certificate_(certificate) {}

  [[nodiscard]] Result<std::string> Pem() const;
  // Hexadecimal digits in upper case, as openssl(1) prints them.
  [[nodiscard]] std::string Serial() const;
  // Of its subject; empty without one.
  [[nodiscard]] std::string CommonName() const;
  [[nodiscard]] WallTime NotBefore() const;
  [[nodiscard]] WallTime NotAfter() const;
  // The fingerprint: SHA-256 of its DER.
  [[nodiscard]] Result<Sha256Digest> Sha256() const;
  // Whether `issuer` signed it. Times are not looked at.
  [[nodiscard]] bool IsIssuedBy(const Certificate& issuer) const;
  // Whether it is that of a server of this name or address.
  [[nodiscard]] bool IsFor(const std::string& host) const;
  // Its public half only.
  [[nodiscard]] Result<Key> PublicKey() const;

  // For OpenSSL.
  [[nodiscard]] x509_st* get() const { return certificate_.get(); }

 private:
  struct Free {
    void operator()(x509_st* certificate) const;
  };
  std::unique_ptr<x509_st, Free> certificate_;
};

}  // namespace edgefeed
