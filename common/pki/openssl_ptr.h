#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"

// What several sources of this folder do with OpenSSL's objects.
namespace edgefeed {

template <auto Free>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

// The text must outlive it.
OpensslPtr<BIO, BIO_free> OpenPem(const std::string& pem);

// The next certificate; null: there is none.
OpensslPtr<X509, X509_free> ReadX509(BIO& pem);

std::optional<WallTime> TimeOf(const ASN1_TIME* time);

// Lower case hexadecimal digits, an even number of them.
std::string SerialText(const ASN1_INTEGER* serial);

}  // namespace edgefeed
