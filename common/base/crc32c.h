#pragma once

#include <cstdint>
#include <string_view>

namespace edgefeed {

// CRC-32C (Castagnoli), as in iSCSI, ext4 and leveldb. `before` is the checksum of what stands
// before `bytes`. Written here because Debian 12 has no library for it.
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace edgefeed
