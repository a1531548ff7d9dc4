#pragma once

#include <memory>
#include <vector>

#include "bench/readers/readers.h"
#include "bench/support/completion_loop.h"

namespace edgefeed::bench {

// One Subscribe stream per reader.
class Subscribers final : public Readers {
 public:
  // `options` must outlive the readers.
  explicit Subscribers(const ReadersOptions& options);
  ~Subscribers() override;
  Subscribers(const Subscribers&) = delete;
  Subscribers& operator=(const Subscribers&) = delete;

  Status Connect(std::chrono::milliseconds limit) override;
  void Run(std::chrono::milliseconds duration) override { loop_.Run(duration); }
  [[nodiscard]] const ReadTotals& totals() const override { return totals_; }

 private:
  class Subscriber;

  const ReadersOptions& options_;
  ReadTotals totals_;
  CompletionLoop loop_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

}  // namespace edgefeed::bench
