#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/access/access.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

class FleetStream;

// Until what comes back goes, `end` is called once the proof of who asked is no longer good. On the
// HTTP strand, as `end` is. Null: there is nothing to watch.
using CallerWatch = std::function<std::unique_ptr<OpenCalls::Entry>(Task end)>;

// A GET, or a HEAD: that makes no difference to a route.
struct HttpRequest {
  std::string path;  // As sent: percent-encoded, without the query.
  std::string host;
  std::string if_none_match;
  std::string authorization;  // Secret. Empty: none.
  std::string certificate;    // The client's, verified by TLS, as PEM; empty: none.
  std::string address;        // The client's: "127.0.0.1:5000".
};

struct HttpResponse {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string_view cache_control = "no-store";
  std::string etag;  // Empty: none.
  std::string body;
  // Not null: after `body` the connection carries this stream's events until one side closes it.
  FleetStream* events = nullptr;
  CallerWatch watch;  // Of who gets `events`.
};

using HttpReply = std::function<void(HttpResponse)>;

}  // namespace edgefeed
