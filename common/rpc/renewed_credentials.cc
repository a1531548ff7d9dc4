#include "common/rpc/renewed_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <cstdlib>
#include <utility>

namespace edgefeed {
namespace {

// One port's place in the succession. gRPC calls for one port at a time, on its own threads.
struct Port {
  std::shared_ptr<const SharedTls> tls;
  std::shared_ptr<const TlsPem> given;  // Null: nothing yet.
  ShownChain chain = ShownChain::kOwn;
};

grpc_ssl_certificate_config_reload_status Fetch(void* user_data,
                                                grpc_ssl_server_certificate_config** config) {
  auto& port = *static_cast<Port*>(user_data);
  auto current = port.tls->Get();
  if (current == port.given) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  std::string shown = current->cert;
  if (port.chain == ShownChain::kWithAuthority) shown += "\n" + current->ca;
  const grpc_ssl_pem_key_cert_pair pair{.private_key = current->key.c_str(),
                                        .cert_chain = shown.c_str()};
  // gRPC insists on authorities here, even if it asks nobody for a certificate.
  const std::string& authorities = current->ca.empty() ? current->cert : current->ca;
  *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
  port.given = std::move(current);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

grpc_ssl_client_certificate_request_type RequestOf(ClientCertificates clients) {
  switch (clients) {
    case ClientCertificates::kNone: return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    case ClientCertificates::kOptional: return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientCertificates::kRequired: break;
  }
  return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

}  // namespace

RenewedServerCredentials::RenewedServerCredentials(std::shared_ptr<const SharedTls> tls,
                                                   ClientCertificates clients, ShownChain chain)
    : tls_(std::move(tls)), clients_(clients), chain_(chain) {}

// To ignore it would be to let everybody in.
void RenewedServerCredentials::SetAuthMetadataProcessor(
    const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) {
  std::abort();
}

int RenewedServerCredentials::AddPortToServer(const std::string& address, grpc_server* server) {
  // Nobody is believed then: nobody is asked, and nobody let in who must be.
  const bool believes_nobody = tls_->Get()->ca.empty();
  if (believes_nobody && clients_ == ClientCertificates::kRequired) return 0;
  const ClientCertificates clients = believes_nobody ? ClientCertificates::kNone : clients_;
  auto* const port = new Port{.tls = tls_, .given = nullptr, .chain = chain_};
  grpc_server_credentials* const credentials = grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(RequestOf(clients), Fetch,
                                                                      port));
  // Not to process anything, but to hear when gRPC has let go of the credentials: a handshake may
  // outlive the server.
  grpc_server_credentials_set_auth_metadata_processor(
      credentials, {.process = nullptr,
                    .destroy = [](void* state) { delete static_cast<Port*>(state); },
                    .state = port});
  const int bound = grpc_server_add_http2_port(server, address.c_str(), credentials);
  grpc_server_credentials_release(credentials);
  return bound;
}

}  // namespace edgefeed
