#include "common/pki/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

openssl::X509Certificate FirstCertificate(const std::string& pem) {
  return openssl::ReadCertificate(openssl::Open(pem).get());
}

}  // namespace

std::vector<CertificateLife> CertificateLives(const std::string& pem) {
  std::vector<CertificateLife> lives;
  const openssl::Bio text = openssl::Open(pem);
  while (const auto certificate = openssl::ReadCertificate(text.get())) {
    const auto not_before = openssl::TimeOf(X509_get0_notBefore(certificate.get()));
    const auto not_after = openssl::TimeOf(X509_get0_notAfter(certificate.get()));
    if (not_before && not_after) lives.push_back({*not_before, *not_after});
  }
  ERR_clear_error();  // The end of the text is one.
  return lives;
}

Status CheckCertificates(const std::filesystem::path& file, const std::string& pem) {
  if (FirstCertificate(pem)) return {};
  return Error{Code::kInvalidArgument, file.string() + ": holds no PEM certificate"};
}

Status CheckKeyPair(const TlsFiles& files, const std::string& cert_pem,
                    const std::string& key_pem) {
  const auto cert = FirstCertificate(cert_pem);
  if (!cert)
    return Error{Code::kInvalidArgument, files.cert.string() + ": holds no PEM certificate"};
  const openssl::PrivateKey key(PEM_read_bio_PrivateKey(openssl::Open(key_pem).get(), nullptr,
                                                        openssl::NoPassphrase, nullptr));
  if (!key) {
    return Error{Code::kInvalidArgument,
                 files.key.string() + ": holds no PEM private key without passphrase"};
  }
  if (X509_check_private_key(cert.get(), key.get()) != 1) {
    return Error{Code::kInvalidArgument,
                 files.key.string() + ": is not the private key of " + files.cert.string()};
  }
  return {};
}

}  // namespace edgefeed
