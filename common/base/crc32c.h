#pragma once

#include <cstdint>
#include <string_view>

namespace edgefeed {

// The checksum of RFC 3720 (Castagnoli's polynomial). Written here because Debian 12 has no library
// of it. `so_far`: the checksum of the bytes before these.
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t so_far = 0);

}  // namespace edgefeed
