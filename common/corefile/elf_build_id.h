#pragma once

#include <string>
#include <string_view>

namespace edgefeed {

// The build id of an ELF file in hexadecimal, when its first bytes (8 KiB do) hold it; else empty.
std::string ElfBuildId(std::string_view head);

}  // namespace edgefeed
