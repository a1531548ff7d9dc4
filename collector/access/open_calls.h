#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "collector/access/denial.h"
#include "common/base/result.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// The calls that last, so that they can be ended from outside. Add() and what it returns are used
// from any thread, all else on the strand.
class OpenCalls {
 public:
  // Whether the call may go on; nothing: it may.
  using Check = std::function<std::optional<Denial>()>;
  // Ends the call, from any thread, even when it has just ended by itself.
  using End = std::function<void(const Error& why)>;

  // The call is over when this goes.
  class Entry {
   public:
    Entry(OpenCalls& calls, std::uint64_t number) : calls_(calls), number_(number) {}
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    OpenCalls& calls_;
    const std::uint64_t number_;
  };

  // `strand` must outlive it, and it the entries and what they have posted.
  explicit OpenCalls(Scheduler& strand) : strand_(strand) {}

  std::unique_ptr<Entry> Add(Check check, End end);
  // Ends those that may not go on.
  void Look();
  [[nodiscard]] std::size_t size() const { return calls_.size(); }

 private:
  struct Call {
    Check check;
    End end;
  };

  Scheduler& strand_;
  std::atomic<std::uint64_t> last_number_{0};
  std::map<std::uint64_t, Call> calls_;
};

}  // namespace edgefeed
