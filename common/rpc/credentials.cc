#include "common/rpc/credentials.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include "common/pki/tls_material.h"
#include "common/rpc/renewed_credentials.h"

namespace edgefeed {

Result<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const std::optional<TlsFiles>& files) {
  if (!files) return ClientCredentials(nullptr);
  const auto material = ReadTlsMaterial(*files);
  if (!material) return material.error();
  return ClientCredentials(&material->pem);
}

std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(const TlsPem* pem) {
  if (pem == nullptr) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials(
      {.pem_root_certs = pem->ca, .pem_private_key = pem->key, .pem_cert_chain = pem->cert});
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(std::shared_ptr<const SharedTls> tls,
                                                           ClientCertificates clients,
                                                           ShownChain chain) {
  if (!tls) return grpc::InsecureServerCredentials();
  return std::make_shared<RenewedServerCredentials>(std::move(tls), clients, chain);
}

}  // namespace edgefeed
