#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "common/base/allowance.h"
#include "common/base/allowances.h"
#include "common/base/clock.h"

namespace edgefeed {

struct ConnectionLimits {
  std::uint32_t connections = 50'000;  // Open at once.
  std::uint32_t per_second = 1000;     // New ones; more wait in the kernel.
  // New ones of one address, and five times as many at once. More are closed.
  std::uint32_t per_second_and_address = 200;
  friend bool operator==(const ConnectionLimits&, const ConnectionLimits&) = default;
};

// Which new connections are let in: before TLS, whose handshakes are what is dear. Single thread.
class ConnectionGate {
 public:
  enum class Verdict { kLetIn, kTooManyOpen, kTooOften };
  // How many descriptors this process has open: gRPC does not tell of the connections that end.
  using CountDescriptors = std::function<std::size_t()>;

  ConnectionGate(const ConnectionLimits& limits, CountDescriptors count);

  // `source`: who one host is.
  Verdict Ask(SteadyTime now, const std::string& source);

  // How long the next is to wait, after one that was let in.
  SteadyTime::duration Pause(SteadyTime now);

 private:
  [[nodiscard]] bool IsFull(SteadyTime now);

  const ConnectionLimits limits_;
  const CountDescriptors count_;
  const std::size_t own_;  // Descriptors that are no connections.
  std::size_t open_ = 0;   // As counted last, and those that were let in since.
  SteadyTime counted_;
  Allowance all_;
  Allowances sources_;
};

}  // namespace edgefeed
