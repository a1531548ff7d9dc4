#pragma once

#include <string>
#include <string_view>

#include "common/model/dump.h"

namespace edgefeed {

// A name from whoever crashed, fit for a line of the log: at most 80 bytes of plain text.
std::string ShownName(std::string_view name);

// Which program a file that says nothing is of, as far as its name tells: "sensord" of
// "core.sensord.1234" and of "sensord-17.dmp".
std::string ProgramOf(std::string_view source);

// "sensord.1234.SIGSEGV.core.zst" of a core, "report.txt.zst" of a file `source` that is none.
std::string DumpFileName(const DumpInfo& info, std::string_view source);

}  // namespace edgefeed
