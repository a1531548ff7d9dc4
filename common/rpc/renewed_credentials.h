#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "common/model/shared_tls.h"
#include "common/rpc/credentials.h"

namespace edgefeed {

// A server's TLS that follows SharedTls: gRPC asks at the beginning of each handshake. Connections
// go on with what they began with. TLS sessions of before a renewal are not resumed: with what was
// renewed, the keys of their tickets are gone.
//
// gRPC's C++ library has no such credentials in Debian 12 but an experimental one, which ends the
// process when a file is empty for a moment; its C library has had them for long.
class RenewedServerCredentials final : public grpc::ServerCredentials {
 public:
  RenewedServerCredentials(std::shared_ptr<const SharedTls> tls, ClientCertificates clients,
                           ShownChain chain = ShownChain::kOwn);

  // Not for these: ends the process.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) override;

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override;

  const std::shared_ptr<const SharedTls> tls_;
  const ClientCertificates clients_;
  const ShownChain chain_;
};

}  // namespace edgefeed
