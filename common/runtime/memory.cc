#include "common/runtime/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace edgefeed {
namespace {

// Of a segment that nobody writes to, every page is as in the file: dropping it loses nothing.
void DropPages(std::uintptr_t begin, std::uintptr_t end) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the loader tells where it is.
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

// Called for each loaded object, the program first: 1 means that no other is wanted. Libraries are
// shared with others, and their pages too.
int DropText(dl_phdr_info* object, std::size_t, void*) {
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    DropPages(begin, begin + segment.p_memsz);
  }
  return 1;
}

}  // namespace

void ShareOneArena() { ::mallopt(M_ARENA_MAX, 1); }

void ReturnUnusedMemory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(DropText, nullptr);
}

}  // namespace edgefeed
