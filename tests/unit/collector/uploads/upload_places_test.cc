// Places for uploads that are being sent, and who gets them.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/collector/uploads/begun_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE_FIXTURE(BegunFixture, "more uploads at once than allowed are refused for a moment") {
  const std::string bytes = SomeBytes(1000);
  std::vector<Call> calls;
  for (std::size_t i = 0; i < BegunUploads::kMostActive; ++i) {
    device = "cam-" + std::to_string(i);
    calls.push_back(Open("a", Begin("a", bytes).epoch));
  }
  device = "one-more";
  const UploadAnswer refused = Begin("a", bytes);
  CHECK(refused.refusal == UploadRefusal::kQuota);
  CHECK(refused.retry_after == 5s);
  calls.front().segment->Close();
  CHECK(Begin("a", bytes).state == UploadState::kIncomplete);
}

TEST_CASE_FIXTURE(BegunFixture, "a device that takes all places gives one to each that comes") {
  const std::string bytes = SomeBytes(1000);
  const auto open = [&](std::size_t i) {
    const std::string id = "open-" + std::to_string(i);
    return Open(id, Begin(id, bytes).epoch);
  };
  device = "greedy";
  std::vector<Call> calls;
  for (std::size_t i = 0; i < BegunUploads::kMostActive; ++i) calls.push_back(open(i));

  device = "other";
  CHECK(Upload("a", bytes).state == UploadState::kComplete);
  CHECK(calls.front().answer().refusal == UploadRefusal::kSuperseded);
  CHECK_FALSE(calls[1].answered());
  // It may come again, but takes no place from who has no more than it.
  device = "greedy";
  const Call again = open(0);
  CHECK(again.segment != nullptr);
  CHECK(Begin("one-more", bytes).refusal == UploadRefusal::kQuota);
}

}  // namespace
}  // namespace edgefeed
