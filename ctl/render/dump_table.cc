#include "ctl/render/dump_table.h"

#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "common/digest/dump_signature.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

std::string Number(std::uint64_t number) { return FormatNumber(static_cast<double>(number)); }

std::string Program(const DumpInfo& info) {
  const std::string& path = info.executable.empty() ? info.command : info.executable;
  return path.empty() ? "-" : SafeText(path.substr(path.rfind('/') + 1));
}

}  // namespace

std::vector<Line> DumpGroupTable(const std::vector<DumpGroupEntry>& groups, WallTime now) {
  if (groups.empty()) return {{{"no crashes yet"}}};
  Table table({{"GROUP"},
               {"LAST", Align::kRight},
               {"FIRST", Align::kRight},
               {"CRASHES", Align::kRight},
               {"DEVICES", Align::kRight},
               {"KEPT", Align::kRight},
               {"WHAT"}});
  for (const DumpGroupEntry& group : groups) {
    table.Add({{SafeText(group.id.substr(0, kShortId)), Style::kBold},
               {FormatAgo(group.last_seen, now)},
               {FormatAgo(group.first_seen, now)},
               {Number(group.occurrences)},
               {Number(group.device_count)},
               {Number(group.dumps)},
               {SafeText(group.title)}});
  }
  return table.Lines();
}

std::string DumpContentText(const DumpEntry& dump) {
  const std::string times =
      dump.info.occurrences > 1 ? ", " + Number(dump.info.occurrences) + " times" : "";
  if (!dump.kept) {
    if (!dump.info.missing.empty()) return SafeText(dump.info.missing) + times;
    return (dump.size_bytes > 0 ? "bytes removed" : "no bytes") + times;
  }
  std::string text = FormatBytes({dump.size_bytes});
  if (dump.info.content == DumpContent::kStacks) text += ", stacks";
  if (dump.info.truncated) text += ", truncated";
  return text + times;
}

std::vector<Line> DumpTable(const std::vector<DumpEntry>& dumps, WallTime now) {
  if (dumps.empty()) return {{{"no dumps"}}};
  Table table({{"DUMP"},
               {"CRASHED", Align::kRight},
               {"DEVICE"},
               {"PROGRAM"},
               {"SIGNAL"},
               {"GROUP"},
               {"KEPT"}});
  for (const DumpEntry& dump : dumps) {
    table.Add({{SafeText(dump.id.substr(0, kShortId)), Style::kBold},
               {FormatAgo(dump.info.crashed_at, now)},
               {SafeText(dump.device)},
               {Program(dump.info)},
               {SafeText(SignalName(dump.info.signal))},
               {SafeText(dump.group.substr(0, kShortId))},
               {DumpContentText(dump), dump.kept ? Style::kPlain : Style::kDim}});
  }
  return table.Lines();
}

}  // namespace edgefeed
