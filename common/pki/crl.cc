#include "common/pki/crl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "common/pki/openssl.h"

namespace edgefeed {
namespace {

using Certificates = std::vector<openssl::X509Certificate>;

Certificates ReadAll(const std::string& pem) {
  Certificates certificates;
  const openssl::Bio text = openssl::Open(pem);
  while (auto certificate = openssl::ReadCertificate(text.get()))
    certificates.push_back(std::move(certificate));
  ERR_clear_error();  // The end of the text is one.
  return certificates;
}

// One of them has the name of the list's issuer, and its key has signed the list.
bool IsSigned(X509_CRL* crl, const Certificates& authorities) {
  const bool is_signed = std::ranges::any_of(authorities, [&](const auto& authority) {
    return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(authority.get())) == 0 &&
           X509_CRL_verify(crl, X509_get0_pubkey(authority.get())) == 1;
  });
  ERR_clear_error();
  return is_signed;
}

void TakeSerials(X509_CRL* crl, std::vector<std::string>& serials) {
  const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    serials.push_back(
        openssl::SerialText(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i))));
  }
}

}  // namespace

Result<std::vector<std::string>> RevokedSerials(const std::filesystem::path& file,
                                                const std::string& crl_pem,
                                                const std::string& ca_pem) {
  const Certificates authorities = ReadAll(ca_pem);
  std::vector<std::string> serials;
  const openssl::Bio text = openssl::Open(crl_pem);
  int lists = 0;
  while (const openssl::RevokedList crl{
      PEM_read_bio_X509_CRL(text.get(), nullptr, openssl::NoPassphrase, nullptr)}) {
    ++lists;
    if (!IsSigned(crl.get(), authorities)) {
      return Error{Code::kInvalidArgument, file.string() + ": list " + std::to_string(lists) +
                                               " is not signed by an authority of client_ca"};
    }
    TakeSerials(crl.get(), serials);
  }
  // The end of the text is an error as well, another one than a damaged list.
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (lists == 0 || reason != PEM_R_NO_START_LINE) {
    return Error{Code::kInvalidArgument,
                 file.string() + (lists == 0 ? ": holds no PEM certificate revocation list"
                                             : ": is damaged after list " + std::to_string(lists))};
  }
  std::ranges::sort(serials);
  serials.erase(std::ranges::unique(serials).begin(), serials.end());
  return serials;
}

}  // namespace edgefeed
