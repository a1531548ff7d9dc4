#include "common/rpc/credentials.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include "common/base/file.h"
#include "common/pki/pem.h"

namespace edgefeed {
namespace {

struct Pem {
  std::string ca;
  std::string cert;
  std::string key;
};

// Reads and checks what is given. gRPC itself would only fail each handshake, without a reason.
Result<Pem> ReadPem(const TlsFiles& files) {
  Pem pem;
  if (!files.ca.empty()) {
    auto ca = ReadSmallFile(files.ca);
    if (!ca) return ca.error();
    if (const Status checked = CheckCertificates(files.ca, *ca); !checked) return checked.error();
    pem.ca = std::move(*ca);
  }
  if (!files.cert.empty()) {
    auto cert = ReadSmallFile(files.cert);
    if (!cert) return cert.error();
    auto key = ReadSmallFile(files.key);
    if (!key) return key.error();
    if (const Status checked = CheckKeyPair(files, *cert, *key); !checked) return checked.error();
    pem.cert = std::move(*cert);
    pem.key = std::move(*key);
  }
  return pem;
}

grpc_ssl_client_certificate_request_type RequestOf(const Pem& pem,
                                                   ClientCertificates certificates) {
  if (pem.ca.empty() || certificates == ClientCertificates::kNone) {
    return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  }
  return certificates == ClientCertificates::kOptional
             ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
             : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

}  // namespace

Result<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const std::optional<TlsFiles>& files) {
  if (!files) return grpc::InsecureChannelCredentials();
  auto pem = ReadPem(*files);
  if (!pem) return pem.error();
  return grpc::SslCredentials({.pem_root_certs = std::move(pem->ca),
                               .pem_private_key = std::move(pem->key),
                               .pem_cert_chain = std::move(pem->cert)});
}

Result<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const std::optional<TlsFiles>& files, ClientCertificates certificates) {
  if (!files) return grpc::InsecureServerCredentials();
  auto pem = ReadPem(*files);
  if (!pem) return pem.error();
  grpc::SslServerCredentialsOptions options(RequestOf(*pem, certificates));
  options.pem_root_certs = std::move(pem->ca);
  options.pem_key_cert_pairs.push_back({std::move(pem->key), std::move(pem->cert)});
  return grpc::SslServerCredentials(options);
}

}  // namespace edgefeed
