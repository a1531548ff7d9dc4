#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/corefile/elf_format.h"
#include "common/corefile/module_list.h"

// The list of libraries that debuggers look for in the memory of a process: struct r_debug and
// link_map of <link.h>. The dynamic loader's own is spread over its heap, which a reduced core does
// not keep, so it is made anew from what notes and first pages say.
namespace edgefeed {

// Where the loader has its r_debug: it has noted that in the program's dynamic section.
std::optional<std::uint64_t> FindDebugAddress(std::string_view dynamic, ElfClass elf_class);

// An r_debug whose list is at `list`. As long as the loader's own.
std::string MakeDebug(std::uint64_t list, std::uint64_t loader, ElfClass elf_class);
std::size_t DebugBytes(ElfClass elf_class);

// How long the list of these modules can get.
std::size_t LinkMapBytes(const std::vector<CoreModule>& modules, ElfClass elf_class);

// The list, for memory at `address`: `program` and those others whose dynamic section is known.
std::string MakeLinkMap(const std::vector<CoreModule>& modules, const CoreModule& program,
                        std::uint64_t address, ElfClass elf_class);

}  // namespace edgefeed
