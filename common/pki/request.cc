#include "common/pki/request.h"

#include <openssl/pem.h>

#include "common/pki/openssl.h"

namespace edgefeed {

Result<std::string> MakeRequest(const Key& key) {
  const openssl::Request request(X509_REQ_new());
  const openssl::Bio text = openssl::OpenToWrite();
  if (X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509_REQ(text.get(), request.get()) != 1) {
    return openssl::Failure("a certificate request");
  }
  return openssl::Written(text.get());
}

}  // namespace edgefeed
