#pragma once

#include <optional>

#include "common/base/result.h"
#include "common/model/tls.h"
#include "common/pki/pem.h"

namespace edgefeed {

// What the files of one side of TLS hold: fit to be used, but perhaps not at this time.
struct TlsMaterial {
  TlsPem pem;
  // Of the own chain, the certificate that ends first: without it the chain is no good. Nothing
  // when there is none.
  std::optional<CertificateLife> own;
  // Of those to believe the one that ends last: while one is good, somebody can be believed.
  std::optional<CertificateLife> ca;
};

// Reads the files that are given. An error names the file, and says whether it is missing, empty,
// cut short, not PEM, a key that is not its certificate's, or one that every user of the machine
// can read.
Result<TlsMaterial> ReadTlsMaterial(const TlsFiles& files);

// Whether the private key in this file is kept from other users of the machine. A file that is not
// there is nobody's.
Status CheckKeyIsPrivate(const std::filesystem::path& file);

// Whether the certificates are good `now`; an error names the file.
Status CheckInTime(const TlsFiles& files, const TlsMaterial& material, WallTime now);

}  // namespace edgefeed
