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

WallTime Certificate::NotAfter() const {
  return openssl::TimeOf(X509_get0_notAfter(certificate_.get())).value_or(WallTime());
}

Result<Key> Certificate::PublicKey() const {
  Key key(X509_get_pubkey(certificate_.get()));
  if (key.get() == nullptr) return openssl::Failure("the key of certificate " + Serial());
  return key;
}

}  // namespace edgefeed
