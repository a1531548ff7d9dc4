#include "common/pki/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

// Of OpenSSL's security level 2, which Debian's programs use: RSA from 2048 bits, and all curves in
// use.
constexpr int kLeastSecurityBits = 112;

Error Refused(std::string_view file, const std::string& why) {
  ERR_clear_error();
  return {Code::kInvalidArgument, std::string(file) + ": " + why};
}

}  // namespace

void Key::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<Key> Key::Generate() {
  Key key(EVP_EC_gen("P-256"));
  if (key.get() == nullptr) return openssl::Failure("a new key");
  return key;
}

Result<Key> Key::FromPem(std::string_view file, std::string_view pem) {
  Key key(
      PEM_read_bio_PrivateKey(openssl::Open(pem).get(), nullptr, openssl::NoPassphrase, nullptr));
  if (key.get() == nullptr) return Refused(file, "holds no PEM private key without passphrase");
  return key;
}

Result<Key> Key::FromRequest(std::string_view file, std::string_view pem) {
  const openssl::Request request(
      PEM_read_bio_X509_REQ(openssl::Open(pem).get(), nullptr, openssl::NoPassphrase, nullptr));
  if (!request) return Refused(file, "holds no PEM certificate request");
  Key key(X509_REQ_get_pubkey(request.get()));
  if (key.get() == nullptr) return Refused(file, "its key is of an unknown kind");
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    return Refused(file, "was not signed by the key that it is for");
  }
  if (EVP_PKEY_get_security_bits(key.get()) < kLeastSecurityBits) {
    return Refused(file, "its key is too weak: take P-256, or RSA of at least 2048 bits");
  }
  return key;
}

Result<std::string> Key::PrivatePem() const {
  const openssl::Bio text = openssl::OpenToWrite();
  if (PEM_write_bio_PKCS8PrivateKey(text.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return openssl::Failure("a private key as PEM");
  }
  return openssl::Written(text.get());
}

}  // namespace edgefeed
