#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct evp_pkey_st;

namespace edgefeed {

// A private key, or only the public half of one.
class Key {
 public:
  // A new private key of the curve P-256.
  static Result<Key> Generate();
  // A private key without passphrase. Errors name `file`.
  static Result<Key> FromPem(std::string_view file, std::string_view pem);
  // The key that somebody asks for a certificate of, who has shown to have its private half. What a
  // request says besides is not looked at. Refuses keys that TLS would not take. Errors name
  // `file`.
  static Result<Key> FromRequest(std::string_view file, std::string_view pem);

  // Takes one reference to the key.
  explicit Key(evp_pkey_st* key) : key_(key) {}

  // PKCS #8, without passphrase. An error of a public half.
  [[nodiscard]] Result<std::string> PrivatePem() const;
  // The public half, SubjectPublicKeyInfo in DER: the same bytes for the same key.
  [[nodiscard]] Result<std::string> PublicDer() const;

  // For OpenSSL.
  [[nodiscard]] evp_pkey_st* get() const { return key_.get(); }

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace edgefeed
