#pragma once

#include <memory>

#include "collector/rpc/call_gate.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// A gate that asks nobody who he is, as of a collector that is configured so.
class OpenGate {
 public:
  OpenGate()
      : access_(std::make_unique<Access>(
            Access::Parts{.strand = strand_, .clock = clock_, .stats = stats_},
            AccessFiles({}, {}, nullptr), AccessLists{}, "/dev/null")) {}
  ~OpenGate() {
    RunOn(strand_, [this] { access_.reset(); });
  }
  OpenGate(const OpenGate&) = delete;
  OpenGate& operator=(const OpenGate&) = delete;

  [[nodiscard]] const CallGate& gate() const { return gate_; }

 private:
  SystemClock clock_;
  CollectorStats stats_;
  Strand strand_{"access", clock_};
  std::unique_ptr<Access> access_;
  const CallGate gate_{*access_, PortPolicy{}};
};

}  // namespace edgefeed
