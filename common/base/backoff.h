#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace edgefeed {

struct BackoffConfig {
  std::chrono::milliseconds first{1000};
  std::chrono::milliseconds cap{60000};
};

// Waiting times between tries: the ceiling doubles from `first` up to `cap`, and the wait is drawn
// evenly from [0, ceiling] ("full jitter", aws.amazon.com/blogs/architecture, 2015). The draw comes
// after the cap: otherwise a whole fleet retries in step once it has reached the cap.
class Backoff {
 public:
  explicit Backoff(const BackoffConfig& config, std::uint64_t seed);

  std::chrono::milliseconds Next();
  void Reset() { ceiling_ = config_.first; }

 private:
  BackoffConfig config_;
  std::chrono::milliseconds ceiling_;
  std::mt19937_64 random_;
};

}  // namespace edgefeed
