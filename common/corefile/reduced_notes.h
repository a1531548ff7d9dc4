#pragma once

#include <string>

#include "common/corefile/note_reader.h"

namespace edgefeed {

// The notes that a reduced core keeps, at most 2 MiB: what debuggers need for a backtrace. Not
// floating point and vector registers, in which string functions leave pieces of what they read,
// the environment for one. The command line becomes the program's name.
class ReducedNotes {
 public:
  void Take(const ElfNote& note);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace edgefeed
