#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/tls.h"

namespace edgefeed {

// `pem` (the content of `file`) holds at least one certificate.
Status CheckCertificates(const std::filesystem::path& file, const std::string& pem);

// When a certificate is good.
struct CertificateLife {
  WallTime not_before;
  WallTime not_after;
};

// Of each certificate in the text, in its order; what cannot be read is left out.
std::vector<CertificateLife> CertificateLives(const std::string& pem);

// `key_pem` is the private key of the first certificate of `cert_pem`. Errors name the files.
Status CheckKeyPair(const TlsFiles& files, const std::string& cert_pem, const std::string& key_pem);

}  // namespace edgefeed
