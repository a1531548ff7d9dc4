#pragma once

#include <string>

#include "common/base/result.h"
#include "common/runtime/unix_address.h"

namespace edgefeed {

// Removes a socket of this type (SOCK_STREAM, SOCK_DGRAM) that nobody serves, so that `path` can be
// bound. ALREADY_EXISTS when another process serves it, or when it is no socket.
Status RemoveStaleSocket(const std::string& path, const UnixAddress& address, int type);

}  // namespace edgefeed
