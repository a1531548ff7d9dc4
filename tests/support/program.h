#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/unique_fd.h"

namespace edgefeed {

struct ProgramSpec {
  static constexpr int kOwnNetwork = -1;

  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value", added to our own.
  std::filesystem::path directory;       // Where it starts; empty: where we are.
  std::filesystem::path stdin_file = "/dev/null";
  int network = kOwnNetwork;  // A descriptor of the network namespace that it runs in.
};

// One of our programs in the directory of the build.
std::filesystem::path BuiltProgram(std::string_view name);

enum class Stream { kStdout, kStderr };

// A real program, started by the constructor and killed by the destructor (or by the kernel, should
// the test die first). A thread keeps its output in memory. A program that cannot be started counts
// as one that wrote why to stderr and exited with 127.
class Program {
 public:
  explicit Program(ProgramSpec spec);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Waits until the program has written a line that holds `text`, on either stream, and returns it.
  // Each call looks on after the line that the last call found; lines of one stream stay in order.
  // Nothing, and a message with what was written, when the time runs out or the program ends
  // without it.
  std::optional<std::string> WaitForLine(std::string_view text, std::chrono::milliseconds within);

  // The same for a line with a number behind `text`: the port that a server chose.
  std::optional<std::uint16_t> WaitForPort(std::string_view text, std::chrono::milliseconds within);

  void Signal(int number) const;
  void Kill() const;

  // Waits for the program's end: its exit status, or 128 + the signal that ended it. All its output
  // has been read then. Nothing when it still runs.
  std::optional<int> Wait(std::chrono::milliseconds within);

  // What it has written up to now.
  [[nodiscard]] std::string Output(Stream stream) const;
  // How many lines of that hold `text`, on either stream.
  [[nodiscard]] std::size_t CountLines(std::string_view text) const;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  // One stream and everything that came from it.
  struct Source {
    UniqueFd fd;
    std::string all;
    std::size_t line_start = 0;
  };

  void Start();
  void FailAtReport() const;
  void ReadUntilClosed();
  // False at the stream's end.
  bool ReadSome(Source& source);
  void Keep(Source& source, std::string_view bytes);
  std::string Everything() const;
  std::string name() const { return spec_.program.filename().string(); }

  const ProgramSpec spec_;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  UniqueFd stop_;  // An eventfd that ends the reader.
  std::optional<int> exit_status_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Source, 2> sources_;   // By Stream. mutex_ guards all but the fds.
  std::vector<std::string> lines_;  // Whole lines, without their ends. mutex_ guards it.
  bool closed_ = false;             // Both streams have ended. mutex_ guards it.
  std::size_t next_line_ = 0;       // Where WaitForLine goes on.

  std::thread reader_;
};

}  // namespace edgefeed
