#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/crash/dump_origin.h"
#include "agent/crash/powered_time.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/model/dump.h"

namespace edgefeed {

// A dump in the spool, without its description.
struct DumpHead {
  std::string id;
  std::string filename;
  std::uint64_t size_bytes = 0;  // 0: the description is all there is.
  Sha256Digest sha256{};
  std::string signature;
  PoweredTime sealed_at{0};
  DumpOrigin origin;
  std::string replaces;  // The dump of which this is what is left.
};

// The file beside the bytes of a dump. FORMAT.md describes it.
struct DumpRecord {
  DumpHead head;
  DumpInfo info;
};

std::string EncodeDumpRecord(const DumpRecord& record);
Result<DumpRecord> DecodeDumpRecord(std::string_view bytes);

}  // namespace edgefeed
