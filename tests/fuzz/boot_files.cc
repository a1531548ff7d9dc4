// agent/boot: what the kernel kept in pstore over a crash, and the agent's own notes of a boot,
// also with a checksum that is right.
#include "agent/boot/boot_record.h"
#include "agent/boot/checked_lines.h"
#include "agent/boot/kernel_death.h"
#include "agent/boot/life_mark.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void TryDeath(std::string_view text) {
  for (const CrashText kind : {CrashText::kDmesg, CrashText::kConsole}) {
    const auto death = FindKernelDeath(text, kind);
    if (!death) continue;
    Promise(death->line.size() <= 200, "a line is bounded");
    for (const char c : death->line) Promise(c >= ' ' && c <= '~', "a line can be printed");
  }
}

bool IsBootId(std::string_view text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

void TryNotes(std::string_view text) {
  if (const auto record = DecodeBootRecord(text)) {
    const auto again = DecodeBootRecord(EncodeBootRecord(*record));
    Promise(again && *again == *record, "a boot's record comes back");
  }
  const auto mark = DecodeLifeMark(text);
  // The id of a boot is the kernel's: other texts would not fit into the line.
  if (mark && IsBootId(mark->boot_id)) {
    const auto again = DecodeLifeMark(EncodeLifeMark(*mark));
    Promise(again && again->since_boot == mark->since_boot && again->started == mark->started,
            "a sign of life comes back");
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = edgefeed::FuzzInput(data, size).rest();
  edgefeed::TryDeath(text);
  edgefeed::TryNotes(text);
  edgefeed::TryNotes(edgefeed::AddChecks("edgefeed-boot", text));
  edgefeed::TryNotes(edgefeed::AddChecks("edgefeed-life", text));
  return 0;
}
