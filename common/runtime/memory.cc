#include "common/runtime/memory.h"

#include <malloc.h>

namespace edgefeed {

void ShareOneArena() { ::mallopt(M_ARENA_MAX, 1); }

void ReturnFreeMemory() { ::malloc_trim(0); }

}  // namespace edgefeed
