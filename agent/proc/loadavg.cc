// Reads /proc/loadavg.
//   0.52 0.58 0.59 2/1147 6284     (averages; threads that could run / all threads; newest process)
#include "agent/proc/loadavg.h"

#include <libproc2/misc.h>

#include "agent/proc/kernel_file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

class Loadavg final : public Source {
 public:
  explicit Loadavg(KernelFile file) : file_(std::move(file)) {}

  Status Read(MachineState& state) override {
    double load1 = 0;
    double load5 = 0;
    double load15 = 0;
    if (const int failed = procps_loadavg(&load1, &load5, &load15); failed < 0) {
      return ErrnoError("/proc/loadavg", -failed);
    }
    state.Add(metrics::kLoad1, load1);
    state.Add(metrics::kLoad5, load5);
    state.Add(metrics::kLoad15, load15);
    return ReadThreads(state);
  }

 private:
  Status ReadThreads(MachineState& state) {
    const auto text = file_.ReadText();
    if (!text) return text.error();
    const auto threads = ParseThreadCount(*text);
    if (!threads) return Error{Code::kDataLoss, file_.path() + ": no number of threads"};
    state.Add(metrics::kThreads, static_cast<double>(*threads));
    return {};
  }

  KernelFile file_;
};

}  // namespace

std::optional<std::uint64_t> ParseThreadCount(std::string_view text) {
  for (int i = 0; i < 3; ++i) NextField(text);
  const auto field = NextField(text);
  if (!field) return std::nullopt;
  const auto slash = field->find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return ParseNumber<std::uint64_t>(field->substr(slash + 1));
}

SourceResult OpenLoadavg(const KernelRoots& roots) {
  auto file = KernelFile::Open(roots.proc / "loadavg");
  if (!file) return file.error();
  return std::unique_ptr<Source>(std::make_unique<Loadavg>(*std::move(file)));
}

}  // namespace edgefeed
