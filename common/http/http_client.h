#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/model/tls.h"

namespace edgefeed {

struct HttpHeader {
  std::string name;
  std::string value;
  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

// Sends requests to web servers, one at a time. Each blocks the thread that it is made on, which is
// therefore one that has nothing else to do. Connections stay open for the next request. Redirects
// are not followed, and no proxy is used, whatever the environment says.
class HttpClient {
 public:
  struct Request {
    std::string url;  // http:// or https://.
    std::vector<HttpHeader> headers;
    std::string body;
    TlsFiles tls;  // For https. No `ca`: whom the system believes.
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds timeout{30'000};  // Of everything, connecting included.
  };

  struct Response {
    unsigned status = 0;
    std::string body;  // Of a longer one the beginning.
    // What the server asks for in Retry-After, in either of its forms.
    std::optional<std::chrono::seconds> retry_after;
  };
  static constexpr std::size_t kMaxBody = std::size_t{4} << 10;

  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // What the server said, whatever its status. INVALID_ARGUMENT for what cannot be sent (a URL of
  // another kind, a header of two lines, files of TLS that are not there); DEADLINE_EXCEEDED,
  // CANCELLED, or UNAVAILABLE when no answer came, saying why.
  Result<Response> Post(const Request& request);

  // From any thread: ends the request that is being made, and all later ones, with CANCELLED, at
  // once.
  void Cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgefeed
