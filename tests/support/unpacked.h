#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "common/compress/zstd_stream.h"

namespace edgefeed {

// What zstd made `packed` of; all of it must be there.
inline std::string Unpacked(std::string_view packed) {
  ZstdDecompressor zstd;
  std::string bytes;
  for (std::size_t before = 1; !packed.empty() || bytes.size() != before;) {
    before = bytes.size();
    REQUIRE(zstd.Step(packed, bytes));
  }
  CHECK(zstd.at_frame_end());
  return bytes;
}

}  // namespace edgefeed
