#include "collector/inspect/dump_inspector.h"

#include <string_view>
#include <system_error>
#include <utility>

#include "common/base/text.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxOutputBytes = (1 << 20) + 4096;
constexpr std::size_t kMaxReasonBytes = 200;

// The child's last words, one line of them.
Error FailureOf(const std::filesystem::path& dump, int status, std::string_view output) {
  std::string_view rest = Trim(output);
  const std::string_view line = NextLine(rest).value_or("");
  std::string reason;
  for (const char c : line.substr(0, kMaxReasonBytes)) {
    reason += c >= ' ' && c <= '~' ? c : '?';
  }
  if (reason.empty()) reason = "inspector exited with " + std::to_string(status);
  return {Code::kDataLoss, dump.filename().string() + ": " + reason};
}

}  // namespace

DumpInspector::DumpInspector(DumpInspectorConfig config, CommandRunner& runner,
                             Scheduler& scheduler)
    : config_(std::move(config)), runner_(runner), scheduler_(scheduler) {}

void DumpInspector::Inspect(const std::filesystem::path& dump, Done done) {
  if (jobs_.size() >= config_.queue) {
    const Error full{Code::kResourceExhausted,
                     std::to_string(jobs_.size()) + " dumps wait for a look already"};
    return scheduler_.Post([done = std::move(done), full] { done(full); });
  }
  jobs_.push_back({dump, std::move(done)});
  RunNext();
}

void DumpInspector::RunNext() {
  if (running_ || jobs_.empty()) return;
  running_ = true;
  output_.clear();
  Command command{.argv = {config_.program.string()},
                  .environment = {},
                  .inherits_environment = false,
                  .stdin_file = jobs_.front().dump,
                  .on_output = [this](std::string_view bytes) { output_.append(bytes); },
                  .output_limit = kMaxOutputBytes,
                  .timeout = config_.time_limit};
  for (const auto& directory : config_.symbols) {
    command.argv.insert(command.argv.end(), {"--symbols", directory.string()});
  }
  runner_.Run(command, [this](const Result<int>& status) { Finished(status); });
}

void DumpInspector::Finished(const Result<int>& status) {
  const Job job = std::move(jobs_.front());
  jobs_.pop_front();
  running_ = false;
  if (!status) {
    job.done(status.error());
  } else if (*status != 0) {
    job.done(FailureOf(job.dump, *status, output_));
  } else {
    job.done(DecodeDumpInfo(output_));
  }
  RunNext();
}

std::filesystem::path InspectProgram() {
  std::error_code unknown;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  auto beside = self.parent_path() / "edgefeed-inspect";
  if (!unknown && std::filesystem::exists(beside, unknown)) return beside;
  return "/usr/libexec/edgefeed/edgefeed-inspect";
}

}  // namespace edgefeed
