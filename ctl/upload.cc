#include "ctl/upload.h"

#include <chrono>
#include <filesystem>
#include <latch>
#include <utility>

#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "common/runtime/strand.h"
#include "ctl/progress_bar.h"
#include "ctl/resumable_upload.h"
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

std::string Summary(const UploadReply& reply, const std::string& name,
                    std::uint64_t resumed_bytes) {
  std::string text = SafeText(name) + ": " + FormatBytes({reply.total_bytes}) + " in " +
                     std::to_string(reply.total_chunks) +
                     (reply.total_chunks == 1 ? " chunk" : " chunks");
  if (resumed_bytes > 0) text += " (resumed at " + FormatBytes({resumed_bytes}) + ")";
  return reply.message.empty() ? text : text + ", " + SafeText(reply.message);
}

// By the original contract: in one call, whole or not at all.
Result<UploadReply> UploadWhole(CollectorClient& client, UploadFile& file, const std::string& name,
                                ProgressBar& bar) {
  file.SetProgress([&bar](std::uint64_t sent_bytes) { bar.Show(sent_bytes); });
  auto reply = client.Upload(name, file);
  if (!reply) return reply;
  if (Status kept = CheckReply(*reply, name, file.sent_bytes()); !kept) return kept.error();
  return reply;
}

// Nothing else is to be done meanwhile; signals end the program.
void Wait(std::chrono::milliseconds time, const Clock& clock) {
  Strand strand("wait", clock);
  std::latch over(1);
  Timer timer;
  RunOn(strand, [&] { timer = strand.RunAfter(time, [&over] { over.count_down(); }); });
  over.wait();
  RunOn(strand, [&] { timer.Cancel(); });
}

struct Uploaded {
  UploadReply reply;
  std::uint64_t resumed_bytes = 0;
};

Result<Uploaded> UploadBySegments(CollectorClient& client, const UploadFile& file,
                                  const std::string& name, const Clock& clock, Console& console) {
  ProgressBar hashing(name + ", checksum", file.size_bytes(), clock, console);
  const auto sha256 = DigestOf(file, [&](std::uint64_t at) { hashing.Show(at); });
  hashing.Clear();
  if (!sha256) return sha256.error();
  ProgressBar bar(name, file.size_bytes(), clock, console);
  ResumableUpload upload(client, file, clock, name, *sha256, [&](const Error& why) {
    bar.Clear();
    console.err << SafeText(name) << ": waiting for the collector: " << SafeText(why.message)
                << '\n';
    Wait(why.retry_after, clock);
  });
  auto reply = upload.Run([&](std::uint64_t at) {
    bar.SetStart(upload.resumed_bytes());
    bar.Show(at);
  });
  bar.Clear();
  if (!reply) return reply.error();
  return Uploaded{.reply = std::move(*reply), .resumed_bytes = upload.resumed_bytes()};
}

Result<Uploaded> UploadAnyhow(CollectorClient& client, UploadFile& file, const std::string& name,
                              const Clock& clock, Console& console) {
  if (file.size_bytes()) {
    auto uploaded = UploadBySegments(client, file, name, clock, console);
    if (uploaded || uploaded.error().code != Code::kUnimplemented) return uploaded;
  }
  ProgressBar bar(name, file.size_bytes(), clock, console);
  auto reply = UploadWhole(client, file, name, bar);
  bar.Clear();
  if (!reply) return reply.error();
  return Uploaded{.reply = std::move(*reply)};
}

}  // namespace

Status RunUpload(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console) {
  const UploadOptions& upload = options.upload;
  auto file = UploadFile::Open(upload.file);
  if (!file) return file.error();
  const std::string name =
      upload.name.empty() ? std::filesystem::path(upload.file).filename().string() : upload.name;
  const auto uploaded = UploadAnyhow(client, *file, name, clock, console);
  if (!uploaded) return uploaded.error();
  console.out << (options.json ? uploaded->reply.json
                               : Summary(uploaded->reply, name, uploaded->resumed_bytes))
              << '\n';
  return {};
}

}  // namespace edgefeed
