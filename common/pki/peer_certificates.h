#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/base/result.h"
#include "common/pki/peer_certificate.h"

namespace edgefeed {

// Reads certificates, and remembers what they say: to read one takes longer than the rest of a
// short call. From any thread.
class PeerCertificates {
 public:
  // Of so many, of a KiB or two each; then it starts again.
  static constexpr std::size_t kMost = 4096;

  // See ReadPeerCertificate().
  Result<std::shared_ptr<const PeerCertificate>> Read(const std::string& pem);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const PeerCertificate>> known_;
};

}  // namespace edgefeed
