#include "common/pki/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

constexpr int kLeastRsaBits = 2048;
// To verify a signature of more takes long, and anybody may send one.
constexpr int kMostRsaBits = 8192;

Error Refused(std::string_view file, const std::string& why) {
  ERR_clear_error();
  return {Code::kInvalidArgument, std::string(file) + ": " + why};
}

bool IsCurve(const EVP_PKEY* key, int nid) {
  std::array<char, 32> name{};
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 &&
         OBJ_sn2nid(name.data()) == nid;
}

// What TLS takes.
bool IsTaken(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
    return EVP_PKEY_get_bits(key) >= kLeastRsaBits && EVP_PKEY_get_bits(key) <= kMostRsaBits;
  }
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         (IsCurve(key, NID_X9_62_prime256v1) || IsCurve(key, NID_secp384r1));
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
  if (!IsTaken(key.get())) {
    return Refused(file, "its key is not P-256, P-384, or RSA of 2048 to 8192 bits");
  }
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    return Refused(file, "was not signed by the key that it is for");
  }
  return key;
}

Result<std::string> Key::PublicDer() const {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &bytes);
  if (size <= 0) return openssl::Failure("a public key as DER");
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
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
