#include "common/pki/crl_writer.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

constexpr long kVersion2 = 1;  // NOLINT(google-runtime-int): OpenSSL's type.

bool AddRevoked(X509_CRL* list, const RevokedSerial& revoked) {
  const openssl::Integer serial = openssl::SerialFromHex(revoked.serial);
  openssl::Revoked entry(X509_REVOKED_new());
  if (!serial || !entry || X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), openssl::MakeTime(revoked.at).get()) != 1) {
    return false;
  }
  X509_REVOKED* const given = entry.release();
  if (X509_CRL_add0_revoked(list, given) == 1) return true;  // The list's own now.
  X509_REVOKED_free(given);
  return false;
}

bool AddNumber(X509_CRL* list, std::uint64_t number) {
  const openssl::Integer value(ASN1_INTEGER_new());
  return value && ASN1_INTEGER_set_uint64(value.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(list, NID_crl_number, value.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool AddIssuerKey(X509_CRL* list, X509* issuer) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list, 0);
  const openssl::Extension extension(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  return extension && X509_CRL_add_ext(list, extension.get(), -1) == 1;
}

bool Fill(X509_CRL* list, const Issuer& issuer, std::uint64_t number, WallTime now) {
  X509* certificate = issuer.certificate().get();
  return X509_CRL_set_version(list, kVersion2) == 1 &&
         X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate)) == 1 &&
         X509_CRL_set1_lastUpdate(list, openssl::MakeTime(now - kBackdating).get()) == 1 &&
         X509_CRL_set1_nextUpdate(list, X509_get0_notAfter(certificate)) == 1 &&
         AddIssuerKey(list, certificate) && AddNumber(list, number);
}

}  // namespace

Result<std::string> WriteRevocationList(const Issuer& issuer,
                                        const std::vector<RevokedSerial>& revoked,
                                        std::uint64_t number, WallTime now) {
  const openssl::RevokedList list(X509_CRL_new());
  if (!list || !Fill(list.get(), issuer, number, now)) return openssl::Failure("revocation list");
  for (const RevokedSerial& one : revoked) {
    if (!AddRevoked(list.get(), one)) return openssl::Failure("revocation of " + one.serial);
  }
  X509_CRL_sort(list.get());
  const openssl::Bio text = openssl::OpenToWrite();
  if (X509_CRL_sign(list.get(), issuer.key().get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509_CRL(text.get(), list.get()) != 1) {
    return openssl::Failure("revocation list");
  }
  return openssl::Written(text.get());
}

std::uint64_t RevocationListNumber(std::string_view pem) {
  const openssl::RevokedList list(
      PEM_read_bio_X509_CRL(openssl::Open(pem).get(), nullptr, openssl::NoPassphrase, nullptr));
  std::uint64_t number = 0;
  if (list) {
    const openssl::Integer found(static_cast<ASN1_INTEGER*>(
        X509_CRL_get_ext_d2i(list.get(), NID_crl_number, nullptr, nullptr)));
    if (found) ASN1_INTEGER_get_uint64(&number, found.get());
  }
  ERR_clear_error();
  return number;
}

}  // namespace edgefeed
