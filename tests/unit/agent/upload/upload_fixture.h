#pragma once

#include <string>
#include <utility>

#include "agent/upload/uploader.h"
#include "common/base/crc32c.h"
#include "tests/support/fake_dump_queue.h"
#include "tests/support/fake_upload_transport.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {

using Lines = std::vector<std::string>;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// Bytes that differ from place to place.
inline std::string Content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 >> 3);
  return content;
}

// An uploader whose collector, queue and clock are the test's.
struct UploadFixture {
  explicit UploadFixture(UploadConfig config = {})
      : uploader(WithCollectors(std::move(config)), scheduler, net, queue) {}

  // Starts with a dump "a" of this content; the collector has been asked about it.
  void StartWith(std::string content) {
    bytes = std::move(content);
    queue.Arrive("a", bytes);
    uploader.Start();
    scheduler.RunUntilIdle();
  }
  // Lets time pass until the next call; false when none comes within what a backoff may take.
  bool WaitForRetry() {
    for (std::chrono::milliseconds waited{0}; !net.calling && waited <= std::chrono::minutes(15);
         waited += std::chrono::milliseconds(100)) {
      scheduler.Advance(std::chrono::milliseconds(100));
    }
    return net.calling;
  }

  [[nodiscard]] UploadReport Incomplete(std::uint64_t committed) const {
    return {.success = true,
            .state = UploadState::kIncomplete,
            .committed_bytes = committed,
            .committed_crc32c = Crc32c(std::string_view(bytes).substr(0, committed)),
            .epoch = 7,
            .chunk_bytes = 65'536};
  }
  [[nodiscard]] UploadReport Complete() const {
    return {.total_bytes = bytes.size(),
            .success = true,
            .state = UploadState::kComplete,
            .sha256 = std::string(BytesOf(Sha256Of(bytes)))};
  }
  [[nodiscard]] UploadReport Refused(UploadRefusal refusal, std::uint64_t committed = 0) const {
    UploadReport answer = Incomplete(committed);
    answer.success = false;
    answer.state = UploadState::kRefused;
    answer.refusal = refusal;
    answer.message = "because";
    return answer;
  }
  void Answer(const Result<UploadReport>& answer) {
    net.Answer(answer);
    scheduler.RunUntilIdle();
  }

  static UploadConfig WithCollectors(UploadConfig config) {
    if (config.collectors.empty()) config.collectors = {{"one", 1}, {"two", 2}};
    return config;
  }

  ManualScheduler scheduler;
  FakeUploadTransport net;
  FakeDumpQueue queue;
  Uploader uploader;
  std::string bytes;  // Of dump "a".
};

}  // namespace edgefeed
