#include "ctl/dumps.h"

#include <string>

#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "ctl/dump_file.h"
#include "ctl/progress_bar.h"
#include "ctl/render/dump_report.h"
#include "ctl/render/dump_table.h"

namespace edgefeed {
namespace {

template <typename Entry>
void PrintJson(const std::vector<Entry>& entries, std::ostream& out) {
  for (const Entry& entry : entries) out << entry.json << '\n';
}

Error NotKept(const DumpEntry& dump) {
  const std::string why = dump.info.missing.empty() ? dump.note : dump.info.missing;
  return {Code::kFailedPrecondition,
          "dump " + dump.id + ": the collector has no bytes of it: " + why +
              " (edgefeedctl dumps show " + dump.id + " tells what is known)"};
}

}  // namespace

Status RunDumps(DumpClient& client, const CtlOptions& options, const Clock& clock,
                Console& console) {
  const DumpListRequest request{.group = options.dumps.group,
                                .device = options.dumps.device,
                                .limit = static_cast<std::uint32_t>(options.dumps.limit)};
  std::vector<DumpGroupEntry> groups;
  if (request.group.empty()) {
    auto listed = client.ListGroups(request);
    if (!listed) return listed.error();
    groups = std::move(*listed);
  }
  const auto dumps = client.ListDumps(request);
  if (!dumps) return dumps.error();
  if (options.json) {
    PrintJson(groups, console.out);
    PrintJson(*dumps, console.out);
    return {};
  }
  if (request.group.empty()) {
    console.out << RenderLines(DumpGroupTable(groups, clock.Wall()), console.colour);
    if (groups.empty()) return {};
    console.out << '\n';
  }
  console.out << RenderLines(DumpTable(*dumps, clock.Wall()), console.colour);
  return {};
}

Status RunDumpsShow(DumpClient& client, const CtlOptions& options, const Clock& clock,
                    Console& console) {
  const auto dump = client.GetDump(options.dumps.id);
  if (!dump) return dump.error();
  if (options.json) {
    console.out << dump->json << '\n';
  } else {
    console.out << RenderLines(DumpReport(*dump, clock.Wall()), console.colour);
  }
  return {};
}

Status RunDumpsGet(DumpClient& client, const CtlOptions& options, const Clock& clock,
                   Console& console) {
  const std::string& name = options.dumps.file;
  const auto dump = client.GetDump(options.dumps.id);
  if (!dump) return dump.error();
  if (!dump->kept) return NotKept(*dump);
  auto file = DumpFile::Open(name, *dump);
  if (!file) return file.error();
  ProgressBar bar(name, dump->size_bytes, clock, console);
  file->SetProgress([&bar](std::uint64_t done_bytes) { bar.Show(done_bytes); });
  const std::uint64_t had_bytes = file->received_bytes();
  Status received;
  if (had_bytes < dump->size_bytes) received = client.Download(dump->id, had_bytes, *file);
  auto written = received ? file->Publish() : Result<Bytes>(received.error());
  bar.Clear();
  if (!written) return written.error();
  if (options.json) {
    console.out << R"({"id":)" << JsonString(dump->id) << R"(,"file":)" << JsonString(name)
                << R"(,"bytes":)" << written->count << R"(,"resumed_from_bytes":)" << had_bytes
                << R"(,"sha256":")" << ToString(dump->sha256) << "\"}\n";
    return {};
  }
  console.out << SafeText(name) << ": " << FormatBytes(*written);
  if (had_bytes > 0) console.out << ", of which " << FormatBytes({had_bytes}) << " were there";
  console.out << ", verified\n";
  return {};
}

Status RunDumpsRemove(DumpClient& client, const CtlOptions& options, Console& console) {
  const auto removed = client.Remove(options.dumps.ids);
  if (!removed) return removed.error();
  if (options.json) {
    console.out << removed->json << '\n';
  } else {
    console.out << removed->dumps << (removed->dumps == 1 ? " dump" : " dumps") << " removed, "
                << FormatBytes({removed->bytes}) << '\n';
  }
  return {};
}

}  // namespace edgefeed
