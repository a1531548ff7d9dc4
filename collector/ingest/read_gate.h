#pragma once

#include <chrono>
#include <deque>

#include "collector/ports.h"
#include "collector/stats.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Makes the feeds of a shard wait while the store is behind the disk: what is not read, TCP's flow
// control holds back at the devices, and nothing needs to be refused. Waiting feeds go on in the
// order in which they came. On the shard's engine strand.
class ReadGate {
 public:
  // So many feeds at most go on in each step: what they send must find room too.
  static constexpr std::size_t kReadersAStep = 128;
  static constexpr std::chrono::milliseconds kStep{10};

  class Reader {
   public:
    virtual ~Reader() = default;
    virtual void ReadOn() = 0;
  };

  // All must outlive it; `store` only as long as there are feeds.
  ReadGate(Scheduler& scheduler, const SampleStore& store, CollectorStats& stats);

  // True: go on reading. False: `reader` is told when, unless it is forgotten before.
  bool MayRead(Reader& reader);
  void Forget(Reader& reader);

 private:
  void Step();

  Scheduler& scheduler_;
  const SampleStore& store_;
  CollectorStats& stats_;
  std::deque<Reader*> waiting_;
  Timer step_;
};

}  // namespace edgefeed
