#pragma once

#include "collector/access/access.h"
#include "collector/http/http_message.h"

namespace edgefeed {

// What a request shows of who makes it: the certificate of its connection, and its token as gRPC's
// metadata has it, "Bearer TOKEN". `Authorization: Basic` has the token as password, of any user,
// since that is what browsers ask people for. Whatever else stands there is nobody's token.
Credentials ShownBy(const HttpRequest& request);

}  // namespace edgefeed
