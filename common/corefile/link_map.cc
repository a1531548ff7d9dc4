#include "common/corefile/link_map.h"

#include <array>

namespace edgefeed {
namespace {

// l_addr, l_name, l_ld, l_next, l_prev; r_version, r_map, r_brk, r_state, r_ldbase.
constexpr std::size_t kWords = 5;

void AppendWord(std::string& out, std::uint64_t value, ElfClass elf_class) {
  for (std::size_t i = 0; i < WordBytes(elf_class); ++i) {
    out += static_cast<char>(value & 0xff);
    value >>= 8;
  }
}

void AppendWords(std::string& out, const std::array<std::uint64_t, kWords>& words,
                 ElfClass elf_class) {
  for (const std::uint64_t word : words) AppendWord(out, word, elf_class);
}

}  // namespace

std::optional<std::uint64_t> FindDebugAddress(std::string_view dynamic, ElfClass elf_class) {
  const std::size_t word = WordBytes(elf_class);
  for (std::size_t at = 0; at < dynamic.size(); at += 2 * word) {
    const auto tag = ReadWord(dynamic, at, elf_class);
    const auto value = ReadWord(dynamic, at + word, elf_class);
    if (!tag || !value || *tag == DT_NULL) return std::nullopt;
    if (*tag == DT_DEBUG && *value != 0) return value;
  }
  return std::nullopt;
}

std::string MakeDebug(std::uint64_t list, std::uint64_t loader, ElfClass elf_class) {
  std::string debug;
  AppendWords(debug, {1, list, 0, 0, loader}, elf_class);
  return debug;
}

std::size_t DebugBytes(ElfClass elf_class) { return kWords * WordBytes(elf_class); }

std::size_t LinkMapBytes(const std::vector<CoreModule>& modules, ElfClass elf_class) {
  std::size_t bytes = 0;
  for (const CoreModule& module : modules) {
    if (module.starts_with_file) {
      bytes += kWords * WordBytes(elf_class) + module.module.path.size() + 1;
    }
  }
  return bytes;
}

std::string MakeLinkMap(const std::vector<CoreModule>& modules, const CoreModule& program,
                        std::uint64_t address, ElfClass elf_class) {
  std::vector<const CoreModule*> listed = {&program};
  for (const CoreModule& module : modules) {
    if (module.dynamic && &module != &program) listed.push_back(&module);
  }
  const std::size_t entry_bytes = kWords * WordBytes(elf_class);
  std::uint64_t name = address + listed.size() * entry_bytes;
  std::string entries;
  std::string names;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const CoreModule& module = *listed[i];
    const std::uint64_t here = address + i * entry_bytes;
    const std::uint64_t next = i + 1 < listed.size() ? here + entry_bytes : 0;
    const std::uint64_t last = i > 0 ? here - entry_bytes : 0;
    AppendWords(entries,
                {module.load_bias, name + names.size(), module.dynamic->address, next, last},
                elf_class);
    if (&module != &program) names += module.module.path;  // The loader gives the program no name.
    names += '\0';
  }
  return entries + names;
}

}  // namespace edgefeed
