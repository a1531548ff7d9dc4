#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/model/tls.h"

struct ssl_session_st;

namespace edgefeed {

// What a client of OpenSSL's sees of a port on this host, of gRPC or of HTTP.
struct TlsVisit {
  std::string common_name;                  // Of the server's certificate.
  std::string serial;                       // Its number, in hex.
  std::string version;                      // "TLSv1.3"
  bool resumed = false;                     // No new handshake, but a session of before.
  std::shared_ptr<ssl_session_st> session;  // To come back with.
};

struct TlsVisitor {
  TlsFiles files = {};  // Its own certificate, if any; it believes everybody.
  int version = 0;      // TLS1_2_VERSION, say; 0: what both like best.
  std::shared_ptr<ssl_session_st> session = nullptr;
};

// Connects, and waits for what the server answers to HTTP/2. Nothing: the server hung up before.
std::optional<TlsVisit> Visit(std::uint16_t port, const TlsVisitor& visitor = {});

}  // namespace edgefeed
