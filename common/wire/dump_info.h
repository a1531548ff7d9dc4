#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/model/dump.h"

namespace dumps {
class DumpInfo;
}  // namespace dumps

namespace edgefeed {

void ToWire(const DumpInfo& info, dumps::DumpInfo& wire);
// Cut to a bounded size: 1024 modules, 256 threads of 64 frames, 64 registers, 64 KiB of log, 60
// times, 1024 bytes a text.
DumpInfo FromWire(const dumps::DumpInfo& wire);

// The message as bytes: also what stands beside a dump on the device, and what the collector's
// inspector answers.
std::string EncodeDumpInfo(const DumpInfo& info);
// DATA_LOSS when these are no such bytes.
Result<DumpInfo> DecodeDumpInfo(std::string_view bytes);

}  // namespace edgefeed
