#include "common/rpc/tls_sessions.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/support/channel_arguments.h>

namespace edgefeed {
namespace {

// One of each server.
constexpr std::size_t kMostSessions = 16;

}  // namespace

void TlsSessions::Free::operator()(grpc_ssl_session_cache* cache) const {
  grpc_ssl_session_cache_destroy(cache);
}

void TlsSessions::AddTo(grpc::ChannelArguments& arguments,
                        const std::shared_ptr<const TlsPem>& tls) {
  if (tls == nullptr) return;
  if (tls != tls_) {
    cache_.reset(grpc_ssl_session_cache_create_lru(kMostSessions));
    tls_ = tls;
  }
  const grpc_arg cache = grpc_ssl_session_cache_create_channel_arg(cache_.get());
  arguments.SetPointerWithVtable(cache.key, cache.value.pointer.p, cache.value.pointer.vtable);
}

}  // namespace edgefeed
