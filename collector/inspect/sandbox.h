#pragma once

#include "common/base/result.h"

namespace edgefeed {

// Takes away from this process, for good, what reading a hostile file needs not: all but memory,
// open descriptors and the reading of files. 256 MiB of memory, 10 s of processor time, files of
// 32 MiB, 64 descriptors; no sockets, no processes, no new code, no writing but to what is open.
// Anything else fails with EPERM, and debuggers are kept out.
Status EnterSandbox();

}  // namespace edgefeed
