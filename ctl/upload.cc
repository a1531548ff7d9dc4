#include "ctl/upload.h"

#include <unistd.h>

#include <filesystem>

#include "common/base/units.h"
#include "ctl/render/progress.h"
#include "ctl/render/safe_text.h"
#include "ctl/terminal/terminal.h"
#include "ctl/upload_file.h"

namespace edgefeed {
namespace {

// One line that is drawn over itself, at most ten times a second.
class ProgressBar {
 public:
  ProgressBar(std::string name, std::optional<std::uint64_t> total_bytes, const Clock& clock,
              std::ostream& out)
      : name_(std::move(name)),
        total_bytes_(total_bytes),
        clock_(clock),
        out_(out),
        started_(clock.Steady()) {}

  void Show(std::uint64_t sent_bytes) {
    const SteadyTime now = clock_.Steady();
    if (drawn_ && now - *drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    const Progress progress{
        .sent_bytes = sent_bytes,
        .total_bytes = total_bytes_,
        .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_)};
    const std::size_t columns = TerminalSize(STDERR_FILENO).columns;
    out_ << '\r' << ProgressLine(name_, progress, columns) << "\x1b[K" << std::flush;
  }

  void Clear() { out_ << "\r\x1b[K" << std::flush; }

 private:
  std::string name_;
  std::optional<std::uint64_t> total_bytes_;
  const Clock& clock_;
  std::ostream& out_;
  SteadyTime started_;
  std::optional<SteadyTime> drawn_;
};

Status CheckReply(const UploadReply& reply, const std::string& name, std::uint64_t sent_bytes) {
  if (!reply.success) {
    return Error{Code::kUnknown, name + ": the collector did not keep it: " + reply.message};
  }
  if (reply.total_bytes == sent_bytes) return {};
  return Error{Code::kDataLoss, name + ": the collector kept " + std::to_string(reply.total_bytes) +
                                    " of " + std::to_string(sent_bytes) +
                                    " bytes (do not rely on that copy; upload it again)"};
}

std::string Summary(const UploadReply& reply, const std::string& name) {
  std::string text = SafeText(name) + ": " + FormatBytes({reply.total_bytes}) + " in " +
                     std::to_string(reply.total_chunks) +
                     (reply.total_chunks == 1 ? " chunk" : " chunks");
  return reply.message.empty() ? text : text + ", " + SafeText(reply.message);
}

}  // namespace

Status RunUpload(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console) {
  const UploadOptions& upload = options.upload;
  auto file = UploadFile::Open(upload.file);
  if (!file) return file.error();
  const std::string name =
      upload.name.empty() ? std::filesystem::path(upload.file).filename().string() : upload.name;

  ProgressBar bar(name, file->size_bytes(), clock, console.err);
  if (console.err_is_terminal) {
    file->SetProgress([&bar](std::uint64_t sent_bytes) { bar.Show(sent_bytes); });
  }
  const auto reply = client.Upload(name, *file);
  if (console.err_is_terminal) bar.Clear();
  if (!reply) return reply.error();
  if (Status kept = CheckReply(*reply, name, file->sent_bytes()); !kept) return kept;
  console.out << (options.json ? reply->json : Summary(*reply, name)) << '\n';
  return {};
}

}  // namespace edgefeed
