#include "common/pki/peer_certificates.h"

#include <utility>

namespace edgefeed {

Result<std::shared_ptr<const PeerCertificate>> PeerCertificates::Read(const std::string& pem) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(pem); found != known_.end()) return found->second;
  }
  auto read = ReadPeerCertificate(pem);
  if (!read) return read.error();
  auto certificate = std::make_shared<const PeerCertificate>(*std::move(read));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMost) known_.clear();
  known_.emplace(pem, certificate);
  return certificate;
}

}  // namespace edgefeed
