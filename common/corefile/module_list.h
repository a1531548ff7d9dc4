#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/corefile/elf_format.h"
#include "common/model/dump.h"

namespace edgefeed {

// A mapped file, and how its addresses and those of the process relate.
struct CoreModule {
  DumpModule module;
  bool starts_with_file = false;  // Its first address holds the file's first byte.
  // What to take off an address to get the one in the file's own program headers and symbols, which
  // is what addr2line takes. The first address for all that begins at 0, as libraries and PIEs do;
  // 0 for a program with fixed addresses. Without the file's first page, its first address.
  std::uint64_t load_bias = 0;
  // Where the process has the dynamic section, from the file's first page.
  struct Section {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };
  std::optional<Section> dynamic;
};

// The modules of NT_FILE, at most 4096, by address. Mappings of one file in a row are one module.
std::vector<CoreModule> ParseModules(std::string_view note, ElfClass elf_class);

// The one that holds the address, or null.
const CoreModule* ModuleAt(const std::vector<CoreModule>& modules, std::uint64_t address);
CoreModule* ModuleAt(std::vector<CoreModule>& modules, std::uint64_t address);

// Takes build id, load bias and dynamic section from the first bytes of the file, as far as they
// are there.
void ReadModuleHead(std::string_view head, CoreModule& module);

}  // namespace edgefeed
