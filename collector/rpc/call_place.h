#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// One of a number of places for calls, for as long as it lives.
class CallPlace {
 public:
  // RESOURCE_EXHAUSTED when `most` are taken. The counters must outlive it. `what`: "downloads".
  static Result<std::unique_ptr<CallPlace>> Take(CollectorStats::Value& open, std::uint64_t most,
                                                 CollectorStats::Value& refused,
                                                 const std::string& what) {
    if (open.fetch_add(1) < most) return std::make_unique<CallPlace>(open);
    --open;
    ++refused;
    return Error{Code::kResourceExhausted, "the collector serves " + std::to_string(most) + " " +
                                               what + " already; try again"};
  }

  explicit CallPlace(CollectorStats::Value& open) : open_(open) {}
  ~CallPlace() { --open_; }
  CallPlace(const CallPlace&) = delete;
  CallPlace& operator=(const CallPlace&) = delete;

 private:
  CollectorStats::Value& open_;
};

}  // namespace edgefeed
