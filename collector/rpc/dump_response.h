#pragma once

#include "collector/dumps/dump_store.h"
#include "common/base/result.h"

namespace dumps {
class Dump;
class DumpGroup;
}  // namespace dumps

namespace edgefeed {

void ToWire(const DumpGroupRecord& group, dumps::DumpGroup& wire);
// DATA_LOSS when what is known of the dump cannot be read.
Status ToWire(const DescribedDump& described, dumps::Dump& wire);

}  // namespace edgefeed
