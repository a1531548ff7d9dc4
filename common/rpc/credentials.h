#pragma once

#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/model/tls.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace edgefeed {

// Whether a server asks its clients for certificates of `ca`. Whoever shows another one is let in
// nowhere.
enum class ClientCertificates { kNone, kOptional, kRequired };

// Credentials from PEM files, TLS 1.2 or newer; without files: plaintext. The files are read now.
// An error names the file, and says whether it is missing, unreadable, not PEM, or a key that does
// not belong to its certificate.
Result<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const std::optional<TlsFiles>& files);
// kNone without a `ca`, whatever is asked for.
Result<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const std::optional<TlsFiles>& files,
    ClientCertificates certificates = ClientCertificates::kRequired);

}  // namespace edgefeed
