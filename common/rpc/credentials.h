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

// Credentials from PEM files, TLS 1.2 or newer; without files: plaintext. The files are read now.
// An error names the file, and says whether it is missing, unreadable, not PEM, or a key that does
// not belong to its certificate.
Result<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const std::optional<TlsFiles>& files);
Result<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const std::optional<TlsFiles>& files);

}  // namespace edgefeed
