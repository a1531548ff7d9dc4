#pragma once

#include <chrono>
#include <cstddef>

#include "agent/app/config.h"
#include "common/wire/message_sizes.h"

// What a feed costs on the link, told before it runs. docs/BENCHMARKS.md is about speed; this is
// about bytes.
namespace edgefeed {

// Bytes on the link, as who bills it counts them: with the headers of TCP and IP (version 4).
struct Traffic {
  double sent_bytes = 0;
  double received_bytes = 0;

  [[nodiscard]] double bytes() const { return sent_bytes + received_bytes; }
  friend Traffic operator+(const Traffic& a, const Traffic& b) {
    return {a.sent_bytes + b.sent_bytes, a.received_bytes + b.received_bytes};
  }
  friend Traffic operator*(const Traffic& a, double times) {
    return {a.sent_bytes * times, a.received_bytes * times};
  }
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

enum class Encryption { kNone, kTls, kMutualTls };

// How the feed uses the link.
struct LinkTerms {
  std::chrono::milliseconds sample_interval{1000};
  std::chrono::milliseconds batch_interval{0};
  std::size_t batch_samples = 60;               // The most that one message carries.
  std::chrono::milliseconds ping_after{15000};  // Of a silent collector.
  Encryption encryption = Encryption::kNone;
};

LinkTerms LinkTermsOf(const AgentConfig& config);

// Something that happens on the link, all of a day together.
struct LinkItem {
  double times = 0;
  Traffic traffic;
};

// A day of a feed whose collector is there: no sample is sent twice, no alert comes.
struct LinkCost {
  LinkItem messages;          // With samples.
  LinkItem acknowledgements;  // Of the samples, by the collector.
  LinkItem signs_of_life;     // Asked for by one side or the other while nothing else passes.
  LinkItem connects;          // One.

  [[nodiscard]] Traffic total() const {
    return messages.traffic + acknowledgements.traffic + signs_of_life.traffic + connects.traffic;
  }
};

LinkCost CostOfADay(const MessageSizes& sizes, const LinkTerms& terms);

}  // namespace edgefeed
