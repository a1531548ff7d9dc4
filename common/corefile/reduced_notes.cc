#include "common/corefile/reduced_notes.h"

#include <span>

#include "common/corefile/core_facts.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxBytes = 2 << 20;

bool IsKept(const ElfNote& note) {
  if (note.name == "LINUX") return note.type == NT_ARM_TLS || note.type == NT_ARM_PAC_MASK;
  return note.name == "CORE" &&
         (note.type == NT_PRSTATUS || note.type == NT_PRPSINFO || note.type == NT_SIGINFO ||
          note.type == NT_AUXV || note.type == NT_FILE);
}

}  // namespace

void ReducedNotes::Take(const ElfNote& note) {
  const bool fits = note.whole.size() <= kMaxBytes - bytes_.size();
  if (!IsKept(note) || note.whole.empty() || !fits) return;
  const std::size_t before = bytes_.size();
  bytes_.append(note.whole);
  if (note.type == NT_PRPSINFO) {
    const auto content_at = static_cast<std::size_t>(note.content.data() - note.whole.data());
    HideCommandLine(std::span(bytes_).subspan(before + content_at, note.content.size()));
  }
}

}  // namespace edgefeed
