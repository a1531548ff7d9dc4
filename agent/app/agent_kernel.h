#pragma once

#include "agent/alerts/alert_runner.h"
#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"
#include "agent/proc/kernel.h"

namespace edgefeed {

// The machine's readings and, after them, the agent's own: outbox, feed, alerts.
class AgentKernel final : public Kernel {
 public:
  // All references must outlive it.
  AgentKernel(Kernel& machine, const Outbox& outbox, const Feed& feed, const AlertRunner& alerts)
      : machine_(machine), outbox_(outbox), feed_(feed), alerts_(alerts) {}

  MachineState Read() override;

 private:
  Kernel& machine_;
  const Outbox& outbox_;
  const Feed& feed_;
  const AlertRunner& alerts_;
};

}  // namespace edgefeed
