#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace edgefeed {

class FleetStream;

// A GET, or a HEAD: that makes no difference to a route.
struct HttpRequest {
  std::string path;  // As sent: percent-encoded, without the query.
  std::string host;
  std::string if_none_match;
};

struct HttpResponse {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string_view cache_control = "no-store";
  std::string etag;  // Empty: none.
  std::string body;
  // Not null: after `body` the connection carries this stream's events until one side closes it.
  FleetStream* events = nullptr;
};

using HttpReply = std::function<void(HttpResponse)>;

}  // namespace edgefeed
