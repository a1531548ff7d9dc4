#include "common/pki/peer_certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <optional>
#include <string_view>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

std::optional<std::string> TextOf(const ASN1_IA5STRING* text) {
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                               static_cast<std::size_t>(ASN1_STRING_length(text)));
  if (bytes.find('\0') != std::string_view::npos) return std::nullopt;
  return std::string(bytes);
}

void TakeName(const GENERAL_NAME& name, PeerCertificate& certificate) {
  if (name.type != GEN_URI && name.type != GEN_DNS) return;
  auto text = TextOf(name.type == GEN_URI ? name.d.uniformResourceIdentifier : name.d.dNSName);
  if (!text) return;
  (name.type == GEN_URI ? certificate.uris : certificate.dns_names).push_back(*std::move(text));
}

}  // namespace

Result<PeerCertificate> ReadPeerCertificate(const std::string& pem) {
  const auto certificate = openssl::ReadCertificate(openssl::Open(pem).get());
  if (!certificate) {
    ERR_clear_error();
    return Error{Code::kInvalidArgument, "not a PEM certificate"};
  }
  const auto not_after = openssl::TimeOf(X509_get0_notAfter(certificate.get()));
  if (!not_after) return Error{Code::kInvalidArgument, "a certificate without an end"};
  PeerCertificate read{.serial = openssl::SerialText(X509_get0_serialNumber(certificate.get())),
                       .not_after = *not_after,
                       .uris = {},
                       .dns_names = {}};
  int found = 0;  // -1: there are none, -2: several, which is not allowed.
  const openssl::Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, &found, nullptr)));
  if (!names && found != -1) {
    ERR_clear_error();
    return Error{Code::kInvalidArgument, "a certificate whose names cannot be read"};
  }
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    TakeName(*sk_GENERAL_NAME_value(names.get(), i), read);
  }
  return read;
}

}  // namespace edgefeed
