#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "collector/access/caller.h"
#include "collector/access/caller_limits.h"
#include "collector/access/method.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/runtime/tally.h"

namespace edgefeed {

// Places for calls, so that no caller takes those of others. Who shows neither certificate nor
// token is nobody in particular, and takes none: connections bound him. From any thread.
class CallerPlaces {
 public:
  // A place, for as long as it lives.
  class Place {
   public:
    Place(Tally& open, std::string whose) : open_(open), whose_(std::move(whose)) {}
    ~Place() { open_.Remove(whose_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Tally& open_;
    const std::string whose_;
  };

  // `stats` must outlive it, and it the places.
  CallerPlaces(const CallerLimits& limits, CollectorStats& stats)
      : limits_(limits), stats_(stats) {}

  // Null: such a call takes none. RESOURCE_EXHAUSTED, naming caller and key, when all of his are
  // taken: counted, and not in the audit log, for who is at his limit comes again and again.
  Result<std::unique_ptr<const Place>> Take(const Caller& caller, CallKind kind);

 private:
  [[nodiscard]] std::uint32_t LimitOf(CallKind kind) const;

  const CallerLimits limits_;
  CollectorStats& stats_;
  Tally open_;
};

}  // namespace edgefeed
