#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/dump.h"

namespace edgefeed {

// What the notes of a core file say, and the beginnings of its modules.
struct CoreSummary {
  bool is_core = false;          // An ELF core file at all; if not, nothing below counts.
  bool truncated = false;        // It ends before its headers say so.
  std::uint64_t core_bytes = 0;  // As its headers say.
  std::uint32_t signal = 0;
  std::int32_t signal_code = 0;
  std::optional<std::uint64_t> fault_address;
  std::uint32_t pid = 0;
  std::uint32_t thread = 0;
  std::uint32_t uid = 0;
  std::string command;     // Up to 15 bytes.
  std::string executable;  // Path of the module that holds the program's entry; may be empty.
  std::vector<DumpModule> modules;
  // Of each module: what to take off an address in it to get what addr2line takes, and frames have
  // as their offset. 0 for a program with fixed addresses, else mostly the module's first address.
  std::vector<std::uint64_t> load_biases;
  // The crashed one first, each with its innermost frame; registers of the crashed one only.
  std::vector<DumpThread> threads;
};

// Reads an ELF core file (32 or 64 bits, little-endian: x86, ARM, AArch64, RISC-V) as it streams
// by, once, from the front, in at most 4 MiB. The bytes are not trusted: anything that makes no
// sense is left out.
class CoreScanner {
 public:
  CoreScanner();
  ~CoreScanner();
  CoreScanner(const CoreScanner&) = delete;
  CoreScanner& operator=(const CoreScanner&) = delete;

  // The next bytes of the file.
  void Update(std::string_view bytes);
  // How long the file is going to be, once its headers have gone by.
  [[nodiscard]] std::optional<std::uint64_t> core_bytes() const;
  // There is no more.
  CoreSummary Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Adds what the core says to what is known; what is known already stays.
void Describe(const CoreSummary& core, DumpInfo& info);

}  // namespace edgefeed
