// ctl/rules: a file of tests for rules. The rules stand in the file itself where they are asked
// for.
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "ctl/rules/rule_test_file.h"
#include "ctl/rules/value_notation.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void Load(std::string_view text) {
  // The same file for every run.
  static const UniqueFd file(::memfd_create("tests", MFD_CLOEXEC));
  Promise(::ftruncate(file.get(), 0) == 0, "the file can be cut");
  Promise(::pwrite(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()),
          "the file can be written");
  const auto tests = LoadRuleTests("/proc/self/fd/" + std::to_string(file.get()),
                                   [](const std::string&) { return std::nullopt; });
  Promise(tests || !tests.error().message.empty(), "a refusal says why");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = edgefeed::FuzzInput(data, size).rest();
  edgefeed::Load(text);
  const auto values = edgefeed::ParseValues(text);
  edgefeed::Promise(!values || values->size() <= edgefeed::kMaxSeriesValues, "values are bounded");
  return 0;
}
