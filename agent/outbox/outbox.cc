#include "agent/outbox/outbox.h"

#include <utility>

namespace edgefeed {
namespace {

std::uint64_t SizeOf(const Sample& sample) {
  return sizeof(Sample) + sample.readings.capacity() * sizeof(Reading);
}

}  // namespace

void Outbox::Accept(Sample sample) {
  sample.readings.shrink_to_fit();
  used_.count += SizeOf(sample);
  samples_.push_back(std::move(sample));
  ++counts_.collected;
  while (used_ > memory_limit_ && samples_.size() > 1) {
    PopOldest();
    ++counts_.dropped_full;
  }
  on_arrival_();
}

const Sample* Outbox::NextUnsent() const {
  return sent_ < samples_.size() ? &samples_[sent_] : nullptr;
}

void Outbox::Acknowledge(std::uint64_t sequence) {
  while (sent_ > 0 && samples_.front().sequence <= sequence) {
    PopOldest();
    ++counts_.acknowledged;
  }
}

void Outbox::RejectOldest() {
  if (samples_.empty()) return;
  PopOldest();
  ++counts_.rejected;
}

OutboxCounts Outbox::counts() const {
  OutboxCounts counts = counts_;
  counts.queued = samples_.size();
  return counts;
}

void Outbox::PopOldest() {
  used_.count -= SizeOf(samples_.front());
  samples_.pop_front();
  if (sent_ > 0) --sent_;
}

}  // namespace edgefeed
