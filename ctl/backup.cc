#include "ctl/backup.h"

#include <chrono>
#include <string>

#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "ctl/backup_directory.h"
#include "ctl/progress_bar.h"
#include "ctl/render/human.h"
#include "ctl/verify.h"

namespace edgefeed {
namespace {

Status Receive(CollectorClient& client, BackupDirectory& directory) {
  const auto sent = client.Backup(directory);
  if (!sent) return sent.error();
  const BackupAmount& received = directory.received();
  if (sent->files == received.files && sent->bytes == received.bytes) return {};
  return Error{Code::kDataLoss, "the collector says it sent " + std::to_string(sent->files) +
                                    " files, and " + std::to_string(received.files) + " came"};
}

void Report(const VerifiedFiles& verified, double seconds, const CtlOptions& options,
            std::ostream& out) {
  if (options.json) {
    out << R"({"directory":)" << JsonString(options.backup_directory) << R"(,"files":)"
        << verified.files << R"(,"bytes":)" << verified.bytes << R"(,"devices":)"
        << verified.devices << R"(,"seconds":)" << seconds << R"(,"damage":)"
        << DamageJson(verified) << "}\n";
    return;
  }
  for (const std::string& line : verified.damage) out << SafeText(line) << '\n';
  out << SafeText(options.backup_directory) << ": " << DescribeFiles(verified) << ", in "
      << FormatSeconds(seconds)
      << (verified.damage.empty() ? ", verified\n" : ": damaged, see above\n");
}

}  // namespace

Status RunBackup(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console) {
  const std::string& name = options.backup_directory;
  const SteadyTime started = clock.Steady();
  auto directory = BackupDirectory::Create(name);
  if (!directory) return directory.error();
  ProgressBar bar(name, std::nullopt, clock, console);
  const auto show = [&bar](std::uint64_t done_bytes, std::uint64_t total_bytes) {
    bar.SetTotal(total_bytes);
    bar.Show(done_bytes);
  };
  directory->SetProgress(show);
  Status received = Receive(client, *directory);
  if (received) received = directory->Publish();
  bar.Clear();
  if (!received) {
    if (!directory->Abandon()) return received;
    return Error{received.error().code, received.error().message + "; " +
                                            directory->partial().string() +
                                            " has what came until then, which is no backup"};
  }
  ProgressBar checking(name + ", verifying", std::nullopt, clock, console);
  const auto verified = VerifyFiles(name, [&](std::uint64_t done_bytes, std::uint64_t total_bytes) {
    checking.SetTotal(total_bytes);
    checking.Show(done_bytes);
  });
  checking.Clear();
  if (!verified) return verified.error();
  Report(*verified, std::chrono::duration<double>(clock.Steady() - started).count(), options,
         console.out);
  if (verified->damage.empty()) return {};
  return Error{Code::kDataLoss,
               name + ": damaged, as the collector's own files or this disk may be"};
}

}  // namespace edgefeed
