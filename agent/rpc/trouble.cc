#include "agent/rpc/trouble.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace edgefeed {
namespace {

struct Words {
  std::string_view part;
  Trouble trouble;
};

// Each seen for real: tests/rpc/agent/trouble_test.cc makes gRPC say them.
constexpr std::array kWords = {
    Words{"DNS resolution failed", Trouble::kDns},
    Words{"Ssl handshake failed", Trouble::kTls},
    Words{"Handshake read failed", Trouble::kTls},  // It timed out: the other side said nothing.
    Words{"is not in peer certificate", Trouble::kTls},
    Words{"before receiving SETTINGS frame", Trouble::kSilent},
    Words{"http1.x server", Trouble::kProtocol},
    Words{"Failed parsing HTTP/2", Trouble::kProtocol},
    Words{"Received http2 header with status", Trouble::kProtocol},
};

bool Says(const Error& error, std::string_view part) {
  return error.message.find(part) != std::string::npos;
}

}  // namespace

bool HungUp(const CallEnd& end) {
  return !end.answered && !end.from_peer &&
         (Says(end.why, "Socket closed") || Says(end.why, "Connection reset by peer"));
}

Trouble TroubleOf(const CallEnd& end) {
  const Error& why = end.why;
  if (why.code == Code::kUnauthenticated || why.code == Code::kPermissionDenied) {
    return Trouble::kAuth;
  }
  if (why.code == Code::kUnimplemented) return Trouble::kProtocol;  // A gRPC server, of others.
  if (end.from_peer) return Trouble::kRefused;
  const auto* const found =
      std::ranges::find_if(kWords, [&](const Words& words) { return Says(why, words.part); });
  if (found != kWords.end()) return found->trouble;
  if (HungUp(end)) return end.uses_tls ? Trouble::kTls : Trouble::kProtocol;
  return Trouble::kTcp;
}

}  // namespace edgefeed
