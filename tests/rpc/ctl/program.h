#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/unique_fd.h"

namespace edgefeed {

struct Outcome {
  int exit_code = -1;  // 128 + signal when one ended it.
  std::string out;
  std::string err;
};

// Runs edgefeedctl, as built, to its end. `input` is its standard input. Its environment holds
// nothing but `environment` ("NAME=value").
Outcome RunProgram(const std::vector<std::string>& arguments, const std::string& input = "",
                   const std::vector<std::string>& environment = {});

// Runs a bash script to its end; $EDGEFEEDCTL is the program.
Outcome RunBash(const std::string& script, const std::vector<std::string>& environment = {});

// Lines without their newlines.
std::vector<std::string> LinesOf(const std::string& text);

// edgefeedctl in a terminal of its own.
class TerminalProgram {
 public:
  TerminalProgram(const std::vector<std::string>& arguments, unsigned short columns,
                  unsigned short rows);

  // Waits until `text` has been printed after everything awaited before.
  void AwaitOutput(const std::string& text);
  void Resize(unsigned short columns, unsigned short rows);
  void Signal(int number) const;
  // Waits for the end; `out` is everything that was printed.
  Outcome Finish();

 private:
  bool ReadMore();

  UniqueFd terminal_;
  pid_t pid_ = -1;
  std::string out_;
  std::size_t awaited_ = 0;
};

// A directory that goes away with the object.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  // Writes a file and returns its path.
  [[nodiscard]] std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace edgefeed
