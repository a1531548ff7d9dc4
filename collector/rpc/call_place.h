#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// When a place may be free again: one of calls that only answer, and one of those that last.
constexpr std::chrono::seconds kShortCallsEnd{2};
constexpr std::chrono::seconds kLongCallsEnd{30};

// One of a number of places for calls, for as long as it lives.
class CallPlace {
 public:
  struct Kind {
    std::string what;  // "downloads"
    std::chrono::milliseconds retry_after;
  };

  // RESOURCE_EXHAUSTED when `most` are taken. The counters must outlive it.
  static Result<std::unique_ptr<CallPlace>> Take(CollectorStats::Value& open, std::uint64_t most,
                                                 CollectorStats::Value& refused, const Kind& kind) {
    if (open.fetch_add(1) < most) return std::make_unique<CallPlace>(open);
    --open;
    ++refused;
    return Error{
        Code::kResourceExhausted,
        "the collector serves " + std::to_string(most) + " " + kind.what + " already; try again",
        kind.retry_after};
  }

  explicit CallPlace(CollectorStats::Value& open) : open_(open) {}
  ~CallPlace() { --open_; }
  CallPlace(const CallPlace&) = delete;
  CallPlace& operator=(const CallPlace&) = delete;

 private:
  CollectorStats::Value& open_;
};

}  // namespace edgefeed
