// common/corefile: core files of any program that crashes. In pieces, the sizes of which the bytes
// do not choose: scanner and reducer must not see where one ends.
#include "common/corefile/core_reducer.h"
#include "common/corefile/core_scanner.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

CoreSummary Scan(std::string_view core, std::size_t piece) {
  CoreScanner scanner;
  for (; !core.empty(); core.remove_prefix(std::min(piece, core.size()))) {
    scanner.Update(core.substr(0, piece));
  }
  return scanner.Finish();
}

bool Same(const CoreSummary& a, const CoreSummary& b) {
  return a.is_core == b.is_core && a.truncated == b.truncated && a.core_bytes == b.core_bytes &&
         a.signal == b.signal && a.pid == b.pid && a.command == b.command &&
         a.executable == b.executable && a.modules.size() == b.modules.size() &&
         a.load_biases == b.load_biases && a.threads.size() == b.threads.size();
}

// Nothing: it cannot be reduced.
std::optional<std::string> Reduce(std::string_view core, std::size_t piece) {
  CoreReducer reducer;
  std::string reduced;
  for (; !core.empty(); core.remove_prefix(std::min(piece, core.size()))) {
    if (!reducer.Update(core.substr(0, piece), reduced)) return std::nullopt;
  }
  if (!reducer.Finish(reduced)) return std::nullopt;
  return reduced;
}

void Run(std::string_view core) {
  const CoreSummary summary = Scan(core, 4096);
  Promise(Same(summary, Scan(core, 61)), "a summary does not depend on the pieces");
  DumpInfo info;
  Describe(summary, info);
  const auto reduced = Reduce(core, 4096);
  Promise(reduced == Reduce(core, 61), "a reduced core does not depend on the pieces");
  if (!reduced) return;
  const CoreSummary kept = Scan(*reduced, 4096);
  Promise(kept.is_core, "a reduced core is one");
  Promise(kept.threads.size() == summary.threads.size(), "a reduced core has all threads");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run(edgefeed::FuzzInput(data, size).rest());
  return 0;
}
