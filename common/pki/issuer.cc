#include "common/pki/issuer.h"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxCommonName = 64;  // Of X.520.
constexpr long kVersion3 = 2;               // NOLINT(google-runtime-int): OpenSSL's type.

// 128 bits of chance, but for the first two: a positive number that always has as many digits.
openssl::Integer RandomSerial() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return nullptr;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const openssl::BigNumber number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return openssl::MakeInteger(number.get());
}

bool AddName(GENERAL_NAMES* names, int type, const std::string& text) {
  openssl::OneName name(GENERAL_NAME_new());
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  if (ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_IA5STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  return sk_GENERAL_NAME_push(names, name.release()) > 0;
}

bool AddAddress(GENERAL_NAMES* names, const std::string& address) {
  openssl::OneName name(GENERAL_NAME_new());
  ASN1_OCTET_STRING* value = a2i_IPADDRESS(address.c_str());
  if (value == nullptr) return false;
  GENERAL_NAME_set0_value(name.get(), GEN_IPADD, value);
  return sk_GENERAL_NAME_push(names, name.release()) > 0;
}

bool AddNames(X509* certificate, const CertificateProfile& profile) {
  const openssl::Names names(GENERAL_NAMES_new());
  const auto add = [&names](int type) {
    return [&names, type](const std::string& text) { return AddName(names.get(), type, text); };
  };
  return std::ranges::all_of(profile.uris, add(GEN_URI)) &&
         std::ranges::all_of(profile.dns_names, add(GEN_DNS)) &&
         std::ranges::all_of(
             profile.addresses,
             [&names](const std::string& text) { return AddAddress(names.get(), text); }) &&
         X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) ==
             1;
}

// Only constants: `value` is a small language.
bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const openssl::Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetCommonName(X509* certificate, const std::string& name) {
  const std::string text = name.substr(0, kMaxCommonName);
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                    MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

// What all certificates have, up to the extensions.
bool Fill(X509* certificate, const std::string& common_name, const Key& key, WallTime not_before,
          WallTime not_after) {
  const openssl::Integer serial = RandomSerial();
  return serial && X509_set_version(certificate, kVersion3) == 1 &&
         X509_set_serialNumber(certificate, serial.get()) == 1 &&
         SetCommonName(certificate, common_name) &&
         X509_set1_notBefore(certificate, openssl::MakeTime(not_before).get()) == 1 &&
         X509_set1_notAfter(certificate, openssl::MakeTime(not_after).get()) == 1 &&
         X509_set_pubkey(certificate, key.get()) == 1;
}

bool MakeAuthority(X509* certificate, const Key& key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
         AddExtension(certificate, certificate, NID_basic_constraints,
                      "critical,CA:TRUE,pathlen:0") &&
         AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         AddExtension(certificate, certificate, NID_subject_key_identifier, "hash") &&
         X509_sign(certificate, key.get(), EVP_sha256()) != 0;
}

bool MakeLeaf(X509* certificate, const CertificateProfile& profile, X509* issuer, const Key& key) {
  const char* usage = profile.purpose == CertificatePurpose::kServer ? "serverAuth" : "clientAuth";
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         AddExtension(certificate, issuer, NID_ext_key_usage, usage) &&
         AddExtension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         AddNames(certificate, profile) && X509_sign(certificate, key.get(), EVP_sha256()) != 0;
}

}  // namespace

Result<Issuer> Issuer::Create(const std::string& name, WallTime now, WallTime not_after) {
  auto key = Key::Generate();
  if (!key) return key.error();
  Certificate certificate(X509_new());
  if (!Fill(certificate.get(), name, *key, now - kBackdating, not_after) ||
      !MakeAuthority(certificate.get(), *key)) {
    return openssl::Failure("the certificate of authority '" + name + "'");
  }
  return Issuer(std::move(certificate), std::move(*key));
}

Result<Issuer> Issuer::FromPair(Certificate certificate, Key key) {
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return Error{Code::kInvalidArgument, "the private key is not that of the certificate"};
  }
  if (X509_check_ca(certificate.get()) != 1) {
    return Error{Code::kInvalidArgument, "the certificate is not that of an authority"};
  }
  return Issuer(std::move(certificate), std::move(key));
}

Result<Certificate> Issuer::Issue(const CertificateProfile& profile, const Key& subject,
                                  WallTime now, WallTime not_after) const {
  if (certificate_.NotAfter() <= now) {
    return Error{Code::kFailedPrecondition,
                 "authority '" + certificate_.CommonName() + "' has expired itself"};
  }
  Certificate certificate(X509_new());
  if (!Fill(certificate.get(), profile.common_name, subject, now - kBackdating,
            std::min(not_after, certificate_.NotAfter())) ||
      !MakeLeaf(certificate.get(), profile, certificate_.get(), key_)) {
    return openssl::Failure("the certificate of '" + profile.common_name + "'");
  }
  return certificate;
}

}  // namespace edgefeed
