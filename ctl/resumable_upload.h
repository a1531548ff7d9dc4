#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/client.h"
#include "ctl/upload_file.h"
#include "ctl/upload_part.h"

namespace edgefeed {

// Returns when it is time to ask again: called with an error that says after how long.
using OnUploadWait = std::function<void(const Error& why)>;

// Sends a regular file in segments: from where an upload of the same file under the same name broke
// off, be it by another edgefeedctl. When the line breaks, or the collector has no place for it, it
// waits: for a minute in which it gets no further.
class ResumableUpload {
 public:
  // All but `name` must outlive it.
  ResumableUpload(CollectorClient& client, const UploadFile& file, const Clock& clock,
                  const std::string& name, const Sha256Digest& sha256, OnUploadWait wait);

  // UNIMPLEMENTED, and nothing was sent: the collector takes whole files only.
  Result<UploadReply> Run(const OnUploadProgress& on_progress);

  // How much was there before the first byte was sent.
  [[nodiscard]] std::uint64_t resumed_bytes() const { return resumed_bytes_; }

 private:
  Result<UploadStep> BeginFirst();
  Result<UploadStep> BeginWhenThereIsRoom();
  Result<UploadStep> BeginAgain();
  Result<UploadStep> NextStep(const UploadReport& answer, const OnUploadProgress& on_progress);
  Result<UploadStep> SendSegment(const UploadReport& answer, const OnUploadProgress& on_progress);
  Result<UploadStep> StartOver();
  bool MayComeBack(const Error& why);
  Status NoteProgress(const UploadReport& answer);
  [[nodiscard]] Status CheckComplete(const UploadReport& answer) const;
  [[nodiscard]] Error Refused(const UploadReport& answer) const;
  [[nodiscard]] Error Failure(Code code, const std::string& what) const;

  CollectorClient& client_;
  const UploadFile& file_;
  const Clock& clock_;
  SegmentedFile upload_;
  OnUploadWait wait_;
  std::uint64_t epoch_ = 0;
  std::uint64_t resumed_bytes_ = 0;
  std::uint64_t furthest_bytes_ = 0;
  int rounds_ = 0;  // Without getting further.
  SteadyTime last_progress_;
  bool started_over_ = false;
};

}  // namespace edgefeed
