#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/corefile/elf_format.h"

namespace edgefeed {

// As far as it matters for a core: as small as a page can be.
constexpr std::uint64_t kPage = 4096;

// The memory of a core: its PT_LOAD segments, by address.
class CoreSegments {
 public:
  static constexpr std::size_t kMaxSegments = 65000;

  void Reserve(std::size_t count);
  // Segments that wrap around or come after the 65,000th are left out.
  void Add(const ElfSegment& segment);
  // All have been added.
  void Sort();

  // The segment that holds the address, or null.
  [[nodiscard]] const ElfSegment* Holding(std::uint64_t address) const;
  // The same if the core has the byte at the address, else the next one above that begins with
  // bytes of the core, at most `within` away.
  [[nodiscard]] const ElfSegment* DumpedFrom(std::uint64_t address, std::uint64_t within) const;

  // Where the process had nothing for so many bytes and a page around them.
  [[nodiscard]] std::optional<std::uint64_t> Gap(std::uint64_t bytes) const;

  [[nodiscard]] const std::vector<ElfSegment>& all() const { return segments_; }

 private:
  std::vector<ElfSegment> segments_;
};

}  // namespace edgefeed
