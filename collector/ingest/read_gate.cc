#include "collector/ingest/read_gate.h"

#include <algorithm>

namespace edgefeed {

ReadGate::ReadGate(Scheduler& scheduler, const SampleStore& store, CollectorStats& stats)
    : scheduler_(scheduler), store_(store), stats_(stats) {}

bool ReadGate::MayRead(Reader& reader) {
  if (waiting_.empty() && store_.HasRoom()) return true;
  if (waiting_.empty()) step_ = scheduler_.RunAfter(kStep, [this] { Step(); });
  waiting_.push_back(&reader);
  ++stats_.feeds_slowed;
  return false;
}

void ReadGate::Forget(Reader& reader) { std::erase(waiting_, &reader); }

void ReadGate::Step() {
  for (std::size_t i = 0; i < kReadersAStep && !waiting_.empty() && store_.HasRoom(); ++i) {
    Reader* const reader = waiting_.front();
    waiting_.pop_front();
    reader->ReadOn();
  }
  if (!waiting_.empty()) step_ = scheduler_.RunAfter(kStep, [this] { Step(); });
}

}  // namespace edgefeed
