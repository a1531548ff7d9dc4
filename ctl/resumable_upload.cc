#include "ctl/resumable_upload.h"

#include <algorithm>
#include <utility>

#include "common/base/units.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kSegmentBytes = std::uint64_t{16} << 20;
// How long a collector may be away, and how often an upload may come back without getting further.
constexpr std::chrono::milliseconds kPatience = std::chrono::minutes(1);
constexpr int kMostRounds = 10;
constexpr int kMostCopies = 1000;

// The same for the same file under the same name. A second copy, after a first one that is
// complete, has an id of its own: a user who sends a file again wants it there again.
std::string UploadId(const std::string& name, const Sha256Digest& sha256, int copy) {
  std::string id = ToString(Sha256Of(std::string(BytesOf(sha256)) + name)).substr(0, 40);
  if (copy > 1) id += "-" + std::to_string(copy);
  return id;
}

}  // namespace

ResumableUpload::ResumableUpload(CollectorClient& client, const UploadFile& file,
                                 const Clock& clock, const std::string& name,
                                 const Sha256Digest& sha256, OnUploadWait wait)
    : client_(client),
      file_(file),
      clock_(clock),
      upload_{.name = name, .size_bytes = *file.size_bytes(), .sha256 = sha256},
      wait_(std::move(wait)),
      last_progress_(clock.Steady()) {}

Error ResumableUpload::Failure(Code code, const std::string& what) const {
  return {code, upload_.name + ": " + what};
}

Error ResumableUpload::Refused(const UploadReport& answer) const {
  Error error = Failure(Code::kResourceExhausted, "was refused: " + answer.message);
  error.retry_after = answer.retry_after;
  if (error.retry_after.count() > 0) {
    error.message += " (it asks to wait " + FormatDuration(error.retry_after) + ")";
  }
  return error;
}

Result<UploadStep> ResumableUpload::BeginFirst() {
  for (int copy = 1; copy <= kMostCopies; ++copy) {
    upload_.upload_id = UploadId(upload_.name, upload_.sha256, copy);
    auto step = client_.BeginUpload(upload_, std::chrono::milliseconds(0));
    if (step && step->answer.state == UploadState::kComplete) continue;
    if (step) {
      epoch_ = step->answer.epoch;
      resumed_bytes_ = furthest_bytes_ = step->answer.committed_bytes;
    }
    return step;
  }
  return Failure(Code::kAlreadyExists, "is there a thousand times");
}

Result<UploadStep> ResumableUpload::BeginAgain() {
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Steady() - last_progress_);
  auto step =
      client_.BeginUpload(upload_, std::max(kPatience - waited, std::chrono::milliseconds(1)));
  if (step) epoch_ = step->answer.epoch;
  return step;
}

Result<UploadStep> ResumableUpload::BeginWhenThereIsRoom() {
  auto step = BeginFirst();
  while (!step && step.error().retry_after.count() > 0 && MayComeBack(step.error())) {
    step = BeginFirst();
  }
  return step;
}

// When the line broke, or the collector said when to come back: then it has waited.
bool ResumableUpload::MayComeBack(const Error& why) {
  const auto wait = why.retry_after;
  if (wait.count() <= 0 && why.code != Code::kUnavailable) return false;
  if (++rounds_ > kMostRounds) return false;
  if (wait.count() <= 0) return true;
  if (clock_.Steady() + wait > last_progress_ + kPatience) return false;
  wait_(why);
  return true;
}

Result<UploadReply> ResumableUpload::Run(const OnUploadProgress& on_progress) {
  auto step = BeginWhenThereIsRoom();
  while (step && step->answer.state != UploadState::kComplete) {
    if (const Status further = NoteProgress(step->answer); !further) return further.error();
    step = NextStep(step->answer, on_progress);
    while (!step && MayComeBack(step.error())) step = BeginAgain();
  }
  if (!step) return step.error();
  if (const Status right = CheckComplete(step->answer); !right) return right.error();
  const UploadReport& answer = step->answer;
  return UploadReply{.total_bytes = answer.total_bytes,
                     .total_chunks = answer.total_chunks,
                     .success = answer.success,
                     .message = answer.message,
                     .json = step->json};
}

Status ResumableUpload::NoteProgress(const UploadReport& answer) {
  if (answer.committed_bytes > furthest_bytes_) {
    furthest_bytes_ = answer.committed_bytes;
    rounds_ = 0;
    last_progress_ = clock_.Steady();
  }
  if (++rounds_ <= kMostRounds) return {};
  return Failure(Code::kAborted, "the upload gets no further than " +
                                     FormatBytes({furthest_bytes_}) + ": " + answer.message);
}

Result<UploadStep> ResumableUpload::NextStep(const UploadReport& answer,
                                             const OnUploadProgress& on_progress) {
  switch (answer.refusal) {
    case UploadRefusal::kNone:
      if (answer.state == UploadState::kIncomplete) break;
      return Failure(Code::kUnknown, "the collector did not keep it: " + answer.message);
    case UploadRefusal::kOffset:
    case UploadRefusal::kCrc: break;
    case UploadRefusal::kUnknown: return BeginAgain();
    case UploadRefusal::kSuperseded:
      return Failure(Code::kAborted, "somebody else goes on with this upload");
    case UploadRefusal::kDigest:
      return Failure(
          Code::kDataLoss,
          "changed while it was sent, or on the way; nothing was kept (upload it again)");
    default: return Refused(answer);
  }
  return SendSegment(answer, on_progress);
}

Result<UploadStep> ResumableUpload::SendSegment(const UploadReport& answer,
                                                const OnUploadProgress& on_progress) {
  const std::uint64_t begin = answer.committed_bytes;
  if (begin > upload_.size_bytes) {
    return Failure(Code::kDataLoss, "the collector has more bytes than there are");
  }
  const auto ours = ChecksumOf(file_, begin);
  if (!ours) return ours.error();
  if (*ours != answer.committed_crc32c) return StartOver();
  const std::uint64_t most =
      answer.segment_bytes == 0 ? kSegmentBytes : std::min(kSegmentBytes, answer.segment_bytes);
  const FileSegment segment{
      .epoch = epoch_, .begin = begin, .end = std::min(upload_.size_bytes, begin + most)};
  UploadPart part(file_, segment, answer.chunk_bytes, on_progress);
  return client_.UploadSegment(upload_, segment, part);
}

Result<UploadStep> ResumableUpload::StartOver() {
  if (std::exchange(started_over_, true)) {
    return Failure(Code::kDataLoss, "the collector has other bytes, again");
  }
  if (const Status aborted = client_.AbortUpload(upload_); !aborted) return aborted.error();
  resumed_bytes_ = furthest_bytes_ = 0;
  return BeginAgain();
}

Status ResumableUpload::CheckComplete(const UploadReport& answer) const {
  if (answer.total_bytes == upload_.size_bytes && answer.sha256 == BytesOf(upload_.sha256)) {
    return {};
  }
  return Failure(Code::kDataLoss,
                 "the collector kept something else (do not rely on that copy; upload it again)");
}

}  // namespace edgefeed
