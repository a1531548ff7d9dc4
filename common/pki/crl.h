#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

// The serial numbers (as in PeerCertificate) that the certificate revocation lists of a PEM text
// revoke, in order, each once. Each list must be signed by one of the certificates of `ca_pem`. A
// list whose time for an update is over still counts: it is the last word there is. The error names
// `file`.
Result<std::vector<std::string>> RevokedSerials(const std::filesystem::path& file,
                                                const std::string& crl_pem,
                                                const std::string& ca_pem);

}  // namespace edgefeed
