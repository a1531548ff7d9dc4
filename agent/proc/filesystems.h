#pragma once

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// Space on the local file systems. The list of mounts is read again when the kernel says that it
// has changed, before statvfs touches any of them.
SourceResult OpenFilesystems(const KernelRoots& roots);

}  // namespace edgefeed
