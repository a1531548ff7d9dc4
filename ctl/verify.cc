#include "ctl/verify.h"

#include <filesystem>
#include <string>

#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "ctl/progress_bar.h"

namespace edgefeed {
namespace {

std::string Count(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string VerifiedJson(const VerifiedFiles& files) {
  return R"({"path":)" + JsonString(files.path.string()) + R"(,"kind":)" + JsonString(files.kind) +
         R"(,"files":)" + std::to_string(files.files) + R"(,"bytes":)" +
         std::to_string(files.bytes) + R"(,"devices":)" + std::to_string(files.devices) +
         R"(,"samples":)" + std::to_string(files.samples) + R"(,"log_entries":)" +
         std::to_string(files.log_entries) + R"(,"rollups":)" + std::to_string(files.rollups) +
         R"(,"damage":)" + DamageJson(files) + "}";
}

void Report(const VerifiedFiles& files, std::ostream& out) {
  for (const std::string& line : files.damage) out << SafeText(line) << '\n';
  out << SafeText(files.path.string()) << ": " << files.kind << ", " << DescribeFiles(files) << ": "
      << (files.damage.empty() ? "all whole" : "damaged, see above") << '\n';
}

Result<VerifiedFiles> VerifyWithProgress(const std::string& path, const Clock& clock,
                                         Console& console) {
  ProgressBar bar(path, std::nullopt, clock, console);
  auto verified = VerifyFiles(path, [&bar](std::uint64_t done_bytes, std::uint64_t total_bytes) {
    bar.SetTotal(total_bytes);
    bar.Show(done_bytes);
  });
  bar.Clear();
  return verified;
}

}  // namespace

std::string DescribeFiles(const VerifiedFiles& files) {
  const std::string sizes = Count(files.files, "file") + ", " + FormatBytes({files.bytes});
  if (files.kind != "history") return sizes + ", " + Count(files.samples, "sample");
  return sizes + ", " + Count(files.devices, "device") + ", " + Count(files.samples, "sample") +
         " in chunks, " + std::to_string(files.log_entries) + " in the log, " +
         Count(files.rollups, "row") + " of minutes and hours";
}

std::string DamageJson(const VerifiedFiles& files) {
  std::string json = "[";
  for (const std::string& line : files.damage) {
    json += (json.size() > 1 ? "," : "") + JsonString(line);
  }
  return json + "]";
}

Status RunVerify(const CtlOptions& options, const Clock& clock, Console& console) {
  std::size_t bad = 0;
  for (const std::string& path : options.verify_paths) {
    const auto verified = VerifyWithProgress(path, clock, console);
    if (!verified) {
      console.err << "edgefeedctl: " << SafeText(verified.error().message) << '\n';
      ++bad;
      continue;
    }
    if (!verified->damage.empty()) ++bad;
    if (options.json) {
      console.out << VerifiedJson(*verified) << '\n';
    } else {
      Report(*verified, console.out);
    }
  }
  if (bad == 0) return {};
  return Error{Code::kDataLoss, std::to_string(bad) + " of " +
                                    Count(options.verify_paths.size(), "path") + " not whole"};
}

}  // namespace edgefeed
