#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"

// A place where boards enrol, and boards.
namespace edgefeed::e2e {

using Words = std::vector<std::string>;

doctest::String Text(const std::string& text);

struct Ended {
  int status = -1;
  std::string out;
  std::string said;  // Both streams.
};
// Runs a program to its end.
Ended Finish(ProgramSpec spec);

// A collector's host: a CA, and a collector that enrols boards with it.
class Hub {
 public:
  // `more`: YAML for the end of the collector's configuration.
  explicit Hub(const std::string& more = {});

  // `edgefeedctl ca`, which must succeed.
  Ended Ca(Words words, const Words& environment = {}) const;
  [[nodiscard]] std::string Token(const std::string& device, const Words& environment = {}) const;
  // Where boards enrol.
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string Path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::string Audit() const;
  // Waits for a line of the audit log.
  [[nodiscard]] bool Audited(const std::string& event, const std::string& more) const;
  [[nodiscard]] double Payloads(const std::string& device) const {
    return collector->DeviceMetric("edgefeed_device_payloads_total", device);
  }

  std::unique_ptr<RunningCollector> collector;

 private:
  TempDir directory_;
  const std::uint16_t port_ = FreePort();
};

// A board's /etc/edgefeed.
class Board {
 public:
  explicit Board(const Hub& hub, std::string name = "cam");

  // At the hub, if `at` is empty.
  Ended Enrol(const std::string& token, std::string at = {}, const Words& environment = {}) const;
  // A command of edgefeed-agent.
  Ended Agent(Words words, const Words& environment = {}) const;
  [[nodiscard]] AgentSpec Spec() const {
    return {.name = name_, .collector = hub_.collector->address(), .more = Tls()};
  }
  [[nodiscard]] std::string Tls() const;
  [[nodiscard]] std::string Path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] bool Has(const std::string& name) const;
  [[nodiscard]] std::string Read(const std::string& name) const;
  // What openssl says of the certificate: "OK" or why not.
  [[nodiscard]] std::string Verify() const;

 private:
  const Hub& hub_;
  const std::string name_;
  TempDir directory_;
};

}  // namespace edgefeed::e2e
