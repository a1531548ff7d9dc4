#include "common/pki/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <optional>

namespace edgefeed {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

// A daemon cannot ask for a passphrase: what is encrypted, and that can be a certificate too, is
// refused instead of prompting.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return -1; }

Bio Open(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Certificate NextCertificate(BIO* pem) {
  return Certificate(PEM_read_bio_X509(pem, nullptr, NoPassphrase, nullptr));
}

Certificate FirstCertificate(const std::string& pem) { return NextCertificate(Open(pem).get()); }

std::optional<WallTime> TimeOf(const ASN1_TIME* time) {
  std::tm date{};
  if (ASN1_TIME_to_tm(time, &date) != 1) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(date.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(date.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(date.tm_mday)));
  return std::chrono::sys_days(day) + std::chrono::hours(date.tm_hour) +
         std::chrono::minutes(date.tm_min) + std::chrono::seconds(date.tm_sec);
}

}  // namespace

std::vector<CertificateLife> CertificateLives(const std::string& pem) {
  std::vector<CertificateLife> lives;
  const Bio text = Open(pem);
  while (const Certificate certificate = NextCertificate(text.get())) {
    const auto not_before = TimeOf(X509_get0_notBefore(certificate.get()));
    const auto not_after = TimeOf(X509_get0_notAfter(certificate.get()));
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
  const Certificate cert = FirstCertificate(cert_pem);
  if (!cert)
    return Error{Code::kInvalidArgument, files.cert.string() + ": holds no PEM certificate"};
  const PrivateKey key(
      PEM_read_bio_PrivateKey(Open(key_pem).get(), nullptr, NoPassphrase, nullptr));
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
