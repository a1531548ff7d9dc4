#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

// OpenSSL's objects as C++ owns them. Only for common/pki's own sources.
namespace edgefeed::openssl {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Freer<ASN1_INTEGER_free>>;
using X509Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using OneName = std::unique_ptr<GENERAL_NAME, Freer<GENERAL_NAME_free>>;
using Request = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using Revoked = std::unique_ptr<X509_REVOKED, Freer<X509_REVOKED_free>>;
using RevokedList = std::unique_ptr<X509_CRL, Freer<X509_CRL_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Time = std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>>;

// "what: why", with OpenSSL's first reason; its queue of errors is empty afterwards.
Error Failure(std::string_view what);

// For what reads PEM: a daemon cannot ask for a passphrase. What is encrypted, and that can be a
// certificate or a list too, is refused instead of prompting.
int NoPassphrase(char* buffer, int size, int writing, void* user);

// The text must outlive it.
Bio Open(std::string_view text);
// The next certificate; null: there is none.
X509Certificate ReadCertificate(BIO* pem);
Bio OpenToWrite();
std::string Written(BIO* bio);

Time MakeTime(WallTime time);
std::optional<WallTime> TimeOf(const ASN1_TIME* time);
Integer MakeInteger(BIGNUM* number);
// Hexadecimal digits, as OpenSSL prints serial numbers; nothing of other text.
Integer SerialFromHex(const std::string& digits);
// Lower case hexadecimal digits, an even number of them.
std::string SerialText(const ASN1_INTEGER* serial);

}  // namespace edgefeed::openssl
