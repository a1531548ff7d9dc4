#include "common/pki/certificate.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

std::string HexDigits(const ASN1_INTEGER* integer) {
  const openssl::BigNumber number(ASN1_INTEGER_to_BN(integer, nullptr));
  char* digits = number ? BN_bn2hex(number.get()) : nullptr;
  std::string text = digits == nullptr ? "" : digits;
  OPENSSL_free(digits);
  return text;
}

}  // namespace

void Certificate::Free::operator()(x509_st* certificate) const { X509_free(certificate); }

Result<Certificate> Certificate::FromPem(std::string_view file, std::string_view pem) {
  Certificate certificate(openssl::ReadCertificate(openssl::Open(pem).get()).release());
  if (certificate.get() != nullptr) return certificate;
  ERR_clear_error();
  return Error{Code::kInvalidArgument, std::string(file) + ": holds no PEM certificate"};
}

std::vector<Certificate> Certificate::AllFromPem(std::string_view pem) {
  std::vector<Certificate> all;
  const openssl::Bio text = openssl::Open(pem);
  while (auto one = openssl::ReadCertificate(text.get())) all.emplace_back(one.release());
  ERR_clear_error();  // The end of the text is one.
  return all;
}

Result<std::string> Certificate::Pem() const {
  const openssl::Bio text = openssl::OpenToWrite();
  if (PEM_write_bio_X509(text.get(), certificate_.get()) != 1) {
    return openssl::Failure("a certificate as PEM");
  }
  return openssl::Written(text.get());
}

std::string Certificate::Serial() const {
  return HexDigits(X509_get0_serialNumber(certificate_.get()));
}

std::string Certificate::CommonName() const {
  const X509_NAME* subject = X509_get_subject_name(certificate_.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  const ASN1_STRING* name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
          static_cast<std::size_t>(ASN1_STRING_length(name))};
}

WallTime Certificate::NotBefore() const {
  return openssl::TimeOf(X509_get0_notBefore(certificate_.get())).value_or(WallTime());
}

WallTime Certificate::NotAfter() const {
  return openssl::TimeOf(X509_get0_notAfter(certificate_.get())).value_or(WallTime());
}

Result<Sha256Digest> Certificate::Sha256() const {
  Sha256Digest digest{};
  unsigned size = 0;
  if (X509_digest(certificate_.get(), EVP_sha256(), digest.data(), &size) == 1 &&
      size == digest.size()) {
    return digest;
  }
  return openssl::Failure("the fingerprint of certificate " + Serial());
}

bool Certificate::IsIssuedBy(const Certificate& issuer) const {
  const bool is_issued = X509_check_issued(issuer.get(), certificate_.get()) == X509_V_OK &&
                         X509_verify(certificate_.get(), X509_get0_pubkey(issuer.get())) == 1;
  ERR_clear_error();
  return is_issued;
}

bool Certificate::IsFor(const std::string& host) const {
  return X509_check_ip_asc(certificate_.get(), host.c_str(), 0) == 1 ||
         X509_check_host(certificate_.get(), host.data(), host.size(), 0, nullptr) == 1;
}

Result<Key> Certificate::PublicKey() const {
  Key key(X509_get_pubkey(certificate_.get()));
  if (key.get() == nullptr) return openssl::Failure("the key of certificate " + Serial());
  return key;
}

}  // namespace edgefeed
