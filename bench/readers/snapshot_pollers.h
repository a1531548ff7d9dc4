#pragma once

#include <memory>
#include <vector>

#include "bench/readers/readers.h"
#include "bench/support/completion_loop.h"

namespace edgefeed::bench {

// Each reader calls GetSnapshot once per interval, on a channel that it keeps.
class SnapshotPollers final : public Readers {
 public:
  // `options` must outlive the readers.
  explicit SnapshotPollers(const ReadersOptions& options);
  ~SnapshotPollers() override;
  SnapshotPollers(const SnapshotPollers&) = delete;
  SnapshotPollers& operator=(const SnapshotPollers&) = delete;

  Status Connect(std::chrono::milliseconds limit) override;
  void Run(std::chrono::milliseconds duration) override;
  [[nodiscard]] const ReadTotals& totals() const override { return totals_; }

 private:
  class Poller;

  void Poll(std::size_t i);

  const ReadersOptions& options_;
  ReadTotals totals_;
  CompletionLoop loop_;
  bool polling_ = false;
  std::vector<std::unique_ptr<Poller>> pollers_;
};

}  // namespace edgefeed::bench
