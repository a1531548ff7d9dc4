#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/temp_dir.h"

// The servers that people keep their metrics in, as Debian packages them.
namespace edgefeed::e2e {

// A server with Prometheus' API, on a free port and with data that outlive it.
class MetricsStore {
 public:
  virtual ~MetricsStore() = default;
  MetricsStore(const MetricsStore&) = delete;
  MetricsStore& operator=(const MetricsStore&) = delete;

  // Starts it (again), and waits until it answers.
  void Start();
  [[nodiscard]] Program& program() { return *program_; }
  // SIGTERM, and its end.
  void Stop();
  // Where remote writes go.
  [[nodiscard]] virtual std::string write_url() const = 0;

  // The answer to a query of now, as JSON; empty when there is none.
  [[nodiscard]] std::string Query(const std::string& query) const;
  // The times, in milliseconds and in order, of everything that the selector finds; of one series.
  [[nodiscard]] std::vector<std::int64_t> Times(const std::string& selector) const;

 protected:
  MetricsStore();
  [[nodiscard]] virtual ProgramSpec Spec() const = 0;
  [[nodiscard]] std::string address() const;

  TempDir directory_;

 private:
  std::uint16_t port_;
  std::unique_ptr<Program> program_;
};

class VictoriaMetrics final : public MetricsStore {
 public:
  VictoriaMetrics() { Start(); }
  [[nodiscard]] std::string write_url() const override;

 private:
  [[nodiscard]] ProgramSpec Spec() const override;
};

class Prometheus final : public MetricsStore {
 public:
  // `config`: its configuration file.
  explicit Prometheus(const std::string& config);
  [[nodiscard]] std::string write_url() const override;

 private:
  [[nodiscard]] ProgramSpec Spec() const override;
};

// The text on stdout of a program of the system, which gets `input`; and it must end with 0.
std::string OutputOf(const std::string& program, std::vector<std::string> arguments,
                     const std::string& input = "");

}  // namespace edgefeed::e2e
