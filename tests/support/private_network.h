#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// A network that only this test sees, in Linux's network namespaces: hosts at a switch that loses
// what it is told to lose without a word. No reset, no ICMP, no carrier that goes: a host cannot
// know. It is gone with the test, however that ends.
//
// The thread that creates it is a host of it, and so are the threads and programs that it starts
// from then on, until the destructor, on the same thread, gives it its old network back.
class PrivateNetwork {
 public:
  // PERMISSION_DENIED without the right to make one, which root has.
  static Result<std::unique_ptr<PrivateNetwork>> Create();
  ~PrivateNetwork();
  PrivateNetwork(const PrivateNetwork&) = delete;
  PrivateNetwork& operator=(const PrivateNetwork&) = delete;

  // Of the host that the creating thread is.
  [[nodiscard]] const std::string& address() const { return address_; }

  // Adds a host, which can reach and be reached by the creator's. Returns its number.
  std::size_t AddHost();
  // For ProgramSpec: what runs on this host.
  [[nodiscard]] int network_of(std::size_t host) const { return hosts_.at(host).get(); }

  // From now on nothing from this host arrives anywhere, and nothing at it. From any thread that is
  // a host of the network.
  void Cut(std::size_t host) const;
  void Heal(std::size_t host) const;
  // From now on the host sends no faster than this; up to 400 ms of it wait at its end of the line.
  void Narrow(std::size_t host, std::uint32_t kilobits_per_second) const;

 private:
  PrivateNetwork(UniqueFd before, std::string address)
      : before_(std::move(before)), address_(std::move(address)) {}
  // Configures the host's port of the switch.
  void SetPort(std::size_t host, const std::string& words) const;

  UniqueFd before_;  // The creator's own network.
  std::string address_;
  std::vector<UniqueFd> hosts_;  // Their namespaces.
};

}  // namespace edgefeed
