#pragma once

#include <cstdint>
#include <vector>

#include "common/corefile/core_facts.h"
#include "common/corefile/core_segments.h"

namespace edgefeed {

// Memory of a core that a reduced one keeps.
struct KeptRange {
  std::uint64_t address = 0;
  std::uint64_t offset = 0;  // In the core.
  std::uint64_t bytes = 0;
  std::uint64_t blank = 0;       // How many of these, at the beginning, become zeros.
  std::uint64_t new_offset = 0;  // In the reduced core.
};

// By address and offset, apart from each other. What a stack has below its pointer is of functions
// that have returned: the rest of the page is kept as zeros. Arguments and environment are never
// among it: the kernel writes them above the stack, from the texts on that the auxiliary vector
// points to; without that vector no stack is kept.
std::vector<KeptRange> PlanReduction(const CoreSegments& segments, const CoreFacts& facts);

}  // namespace edgefeed
