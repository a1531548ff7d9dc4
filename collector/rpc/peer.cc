#include "collector/rpc/peer.h"

#include <string_view>

namespace edgefeed {

std::string PeerAddress(const std::string& grpc_peer) {
  std::string address = grpc_peer.substr(grpc_peer.find(':') + 1);
  constexpr std::string_view kEscaped[] = {"%5B", "%5D"};
  constexpr std::string_view kPlain[] = {"[", "]"};
  for (int i = 0; i < 2; ++i) {
    if (const auto at = address.find(kEscaped[i]); at != std::string::npos) {
      address.replace(at, kEscaped[i].size(), kPlain[i]);
    }
  }
  return address;
}

}  // namespace edgefeed
