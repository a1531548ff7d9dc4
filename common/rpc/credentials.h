#pragma once

#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/model/shared_tls.h"
#include "common/model/tls.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace edgefeed {

// Credentials from PEM files, TLS 1.2 or newer; without files: plaintext. The files are read now.
// An error names the file, and says whether it is missing, unreadable, not PEM, or a key that does
// not belong to its certificate.
Result<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const std::optional<TlsFiles>& files);

// The same from what such files hold; null: plaintext.
std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(const TlsPem* pem);

// What a server does about certificates of its clients: one that is shown must always be good.
enum class ClientCertificates { kNone, kOptional, kRequired };

// Which certificates a server shows: its own chain, or also those that it believes clients by. The
// latter is for clients that know an authority by its fingerprint only.
enum class ShownChain { kOwn, kWithAuthority };

// TLS 1.2 or newer; each new connection gets what `tls` holds then. Null: plaintext.
std::shared_ptr<grpc::ServerCredentials> ServerCredentials(std::shared_ptr<const SharedTls> tls,
                                                           ClientCertificates clients,
                                                           ShownChain chain = ShownChain::kOwn);

}  // namespace edgefeed
