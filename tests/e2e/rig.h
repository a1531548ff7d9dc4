#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/real_time.h"
#include "tests/support/temp_dir.h"

// Our programs, as a user would start them.
namespace edgefeed::e2e {

// For events that must come: generous, because a busy machine is no failure.
constexpr std::chrono::seconds kPatience{60 * kSlowness};

// Looks again and again until `condition` holds. For what does not tell by itself.
template <typename Condition>
bool Await(Condition condition, std::chrono::milliseconds within = kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    LetPass(std::chrono::milliseconds(50));
  }
  return true;
}

// Status line, headers and body of a GET from this host; nothing when nobody answers.
// `headers`: further lines, each with its \r\n.
std::optional<std::string> HttpGet(std::uint16_t port, std::string_view path,
                                   std::string_view headers = {});

// A collector on ports and in a directory of its own. The first start chooses the gRPC port, and
// later ones keep it.
class RunningCollector {
 public:
  // `more`: YAML for the end of its configuration. `host`: where it listens for agents. `http`: its
  // section of that name.
  explicit RunningCollector(std::string more = {}, std::string host = "127.0.0.1",
                            std::string http = "{listen: 127.0.0.1:0}");

  // Starts it (again, after its end), with these variables ("NAME=value") for this time.
  void Start(std::vector<std::string> environment = {});
  // Changes the file only.
  void WriteConfig(const std::string& more);

  [[nodiscard]] Program& program() { return *program_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
  [[nodiscard]] std::string address() const { return host_ + ":" + std::to_string(port_); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  // The value of the line of /metrics that starts with this name and these labels; -1 without it.
  [[nodiscard]] double Metric(const std::string& series) const;
  [[nodiscard]] double DeviceMetric(const std::string& metric, const std::string& device) const;
  // Waits until the collector has all samples that the agent had, and knows of, but for the newest;
  // and hardly any waits for an acknowledgement.
  [[nodiscard]] bool AwaitCaughtUp(const std::string& device) const;
  // What uploads have left for a user to see.
  [[nodiscard]] std::vector<std::filesystem::path> VisibleUploads() const;

 private:
  TempDir directory_;
  std::string more_;
  std::string host_;
  std::string http_;
  std::filesystem::path config_;
  std::uint16_t port_ = 0;
  std::uint16_t http_port_ = 0;
  std::unique_ptr<Program> program_;
};

struct AgentSpec {
  std::string name;
  std::string collector;  // HOST:PORT
  std::string interval = "100ms";
  std::string state_dir = "state";
  std::string more;  // YAML for the end of its configuration.
  std::vector<std::string> environment;
  int network = ProgramSpec::kOwnNetwork;
  std::vector<std::string> wrapper;  // A program, with arguments, that becomes the agent.
};

// What the agent says when it stops.
struct AgentTotals {
  std::uint64_t taken = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  std::uint64_t found = 0;  // On disk, from a run before.
  std::uint64_t left = 0;   // On disk, for a run after.
};

class RunningAgent {
 public:
  explicit RunningAgent(const AgentSpec& spec);
  // Starts it (again, after its end).
  void Start();

  // Changes the file only.
  void WriteConfig(const AgentSpec& spec);
  [[nodiscard]] Program& program() { return *program_; }
  // Waits until a collector has all that was taken by now: what waits as backlog when the agent
  // stops is left for its next run.
  void AwaitDelivered() const;
  // Runs `edgefeed-agent status` for this agent to its end.
  [[nodiscard]] std::unique_ptr<Program> AskStatus(std::vector<std::string> more = {}) const;
  // SIGTERM while a collector is there; it must end with 0, deliver all that it holds, and know
  // where each of its samples has gone.
  AgentTotals Stop();

 private:
  TempDir directory_;
  ProgramSpec program_spec_;
  std::unique_ptr<Program> program_;
};

// A program of ours with these arguments.
std::unique_ptr<Program> Run(std::string_view program, std::vector<std::string> arguments);

}  // namespace edgefeed::e2e
