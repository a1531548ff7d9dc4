// Parses /proc/sys/fs/file-nr.
//   1408	0	9223372036854775807     (allocated, allocated but unused, maximum)
#include "agent/proc/file_nr.h"

#include "agent/proc/kernel_file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

class FileNrSource final : public Source {
 public:
  explicit FileNrSource(KernelFile file) : file_(std::move(file)) {}

  Status Read(MachineState& state) override {
    const auto text = file_.ReadText();
    if (!text) return text.error();
    const auto files = ParseFileNr(*text);
    if (!files) return Error{Code::kDataLoss, file_.path() + ": not three numbers"};
    state.Add(metrics::kFileDescriptorsAllocated, static_cast<double>(files->allocated));
    state.Add(metrics::kFileDescriptorsMax, static_cast<double>(files->max));
    return {};
  }

 private:
  KernelFile file_;
};

}  // namespace

std::optional<FileNr> ParseFileNr(std::string_view text) {
  const auto allocated = NextField(text);
  NextField(text);
  const auto max = NextField(text);
  if (!max) return std::nullopt;
  const auto allocated_number = ParseNumber<std::uint64_t>(*allocated);
  const auto max_number = ParseNumber<std::uint64_t>(*max);
  if (!allocated_number || !max_number) return std::nullopt;
  return FileNr{*allocated_number, *max_number};
}

SourceResult OpenFileNr(const KernelRoots& roots) {
  auto file = KernelFile::Open(roots.proc / "sys/fs/file-nr");
  if (!file) return file.error();
  return std::unique_ptr<Source>(std::make_unique<FileNrSource>(*std::move(file)));
}

}  // namespace edgefeed
