#pragma once

#include <memory>

#include "common/model/tls.h"

struct grpc_ssl_session_cache;

namespace grpc {
class ChannelArguments;
}  // namespace grpc

namespace edgefeed {

// TLS sessions that a client resumes when it connects again: neither side signs or checks a
// certificate then. In memory only. gRPC has it in C, and no C++ for it.
class TlsSessions {
 public:
  // For a channel with these certificates; null: plaintext. Sessions of others are forgotten: in a
  // resumed one a client is who it was, and believes whom it believed. The channel keeps what it
  // needs.
  void AddTo(grpc::ChannelArguments& arguments, const std::shared_ptr<const TlsPem>& tls);

 private:
  struct Free {
    void operator()(grpc_ssl_session_cache* cache) const;
  };
  std::unique_ptr<grpc_ssl_session_cache, Free> cache_;
  std::shared_ptr<const TlsPem> tls_;  // Of these sessions.
};

}  // namespace edgefeed
