#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"
#include "common/model/tls.h"

namespace edgefeed {

// `pem` (the content of `file`) holds at least one certificate.
Status CheckCertificates(const std::filesystem::path& file, const std::string& pem);

// `key_pem` is the private key of the first certificate of `cert_pem`. Errors name the files.
Status CheckKeyPair(const TlsFiles& files, const std::string& cert_pem, const std::string& key_pem);

}  // namespace edgefeed
