// common/pki: files with certificates and keys. Two parts, because a key is checked against its
// certificate. Nobody is asked for a passphrase, for daemons have nobody to ask.
#include "common/pki/pem.h"

#include <openssl/ui.h>

#include "common/pki/crl.h"
#include "common/pki/peer_certificate.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

// Whoever asks ends the run as a find.
bool ForbidQuestions() {
  UI_METHOD* nobody = UI_create_method("nobody");
  UI_method_set_opener(nobody, [](UI*) {
    Promise(false, "nobody is asked for a passphrase");
    return 0;
  });
  UI_set_default_method(nobody);
  return true;
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool forbidden = edgefeed::ForbidQuestions();
  (void)forbidden;
  edgefeed::FuzzInput input(data, size);
  const std::string cert(input.Part());
  const std::string key(input.rest());
  const auto lives = edgefeed::CertificateLives(cert);
  if (edgefeed::CheckKeyPair({.cert = "cert.pem", .key = "key.pem"}, cert, key).ok()) {
    edgefeed::Promise(edgefeed::CheckCertificates("cert.pem", cert).ok(),
                      "a pair has a certificate");
  }
  if (edgefeed::ReadPeerCertificate(cert)) {
    edgefeed::Promise(edgefeed::CheckCertificates("cert.pem", cert).ok(), "a peer has one");
  }
  (void)edgefeed::RevokedSerials("crl.pem", key, cert);
  return 0;
}
