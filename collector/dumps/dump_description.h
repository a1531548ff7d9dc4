#pragma once

#include "collector/dumps/group_table.h"
#include "common/model/dump.h"

namespace edgefeed {

// What a crash adds to its group. Times that the device cannot know, or that are ahead of
// `received`, are taken to be that.
GroupShare ShareOf(const DumpInfo& info, std::string_view device, WallTime received);

// The same without what is long: threads, modules, log and metrics.
DumpInfo Summarize(const DumpInfo& info);

// What a look into the dump found, added to what the device said. The device's words stay, but for
// threads and modules, of which the longer list wins.
void Merge(const DumpInfo& found, DumpInfo& info);

}  // namespace edgefeed
