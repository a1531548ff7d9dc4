#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace edgefeed {

struct HttpTestReply {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // By lower-case name; several: with commas.
  std::string body;
};

// A blocking HTTP client on one connection to 127.0.0.1.
class HttpTestClient {
 public:
  explicit HttpTestClient(std::uint16_t port);
  ~HttpTestClient();
  HttpTestClient(const HttpTestClient&) = delete;
  HttpTestClient& operator=(const HttpTestClient&) = delete;

  // "GET", "/path", and further header lines, each ending with \r\n.
  void Send(const std::string& method, const std::string& target, const std::string& headers = "");
  void SendRaw(const std::string& bytes);
  // Nothing when the connection ends before a whole reply.
  std::optional<HttpTestReply> Read();
  std::optional<HttpTestReply> ReadToHead();
  HttpTestReply Get(const std::string& target, const std::string& headers = "");
  // Reads up to and including `text`; nothing when the connection ends before it.
  std::optional<std::string> ReadThrough(const std::string& text);
  // Reads on; true when the server ends the connection before it sends anything more.
  bool IsAtEnd();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct TlsTestIdentity {
  std::filesystem::path cert;
  std::filesystem::path key;
};

// One GET over TLS, believing `ca`. Nothing when the handshake or the exchange fails.
std::optional<HttpTestReply> GetOverTls(std::uint16_t port, const std::string& target,
                                        const std::filesystem::path& ca,
                                        const std::optional<TlsTestIdentity>& identity,
                                        const std::string& headers = "");

}  // namespace edgefeed
