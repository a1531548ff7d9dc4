#include "ctl/upload.h"

#include <filesystem>

#include "common/base/units.h"
#include "ctl/progress_bar.h"
#include "ctl/render/safe_text.h"
#include "ctl/upload_file.h"

namespace edgefeed {
namespace {

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

  ProgressBar bar(name, file->size_bytes(), clock, console);
  file->SetProgress([&bar](std::uint64_t sent_bytes) { bar.Show(sent_bytes); });
  const auto reply = client.Upload(name, *file);
  bar.Clear();
  if (!reply) return reply.error();
  if (Status kept = CheckReply(*reply, name, file->sent_bytes()); !kept) return kept;
  console.out << (options.json ? reply->json : Summary(*reply, name)) << '\n';
  return {};
}

}  // namespace edgefeed
