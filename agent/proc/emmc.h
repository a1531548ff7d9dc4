#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// The life that memories of type A and B have used, 0.1 for up to a tenth, 1.1 for more than there
// was; nothing where the chip does not say.
std::array<std::optional<double>, 2> ParseEmmcLifeTime(std::string_view text);

// /sys/block/mmcblkN/device: how worn eMMCs are.
SourceResult OpenEmmc(const KernelRoots& roots);

}  // namespace edgefeed
