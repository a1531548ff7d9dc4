#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/base/unique_fd.h"

namespace edgefeed {

struct SymbolFile {
  UniqueFd fd;
  std::string path;
};

// Finds the file that a module of a core was mapped from, by its build id: a file without that id
// is another one, whatever its name. `directories` are looked into first, each for
// .build-id/ab/cdef… and for a file of the module's name, then /usr/lib/debug, then the module's
// own path on this machine. Names out of a core open nothing but regular files.
class SymbolFiles {
 public:
  explicit SymbolFiles(std::vector<std::filesystem::path> directories);

  // The program or library itself. No fd: there is none.
  [[nodiscard]] SymbolFile FindBinary(const std::string& build_id,
                                      const std::filesystem::path& module) const;
  // What `strip` or a package put apart: .build-id/ab/cdef….debug.
  [[nodiscard]] SymbolFile FindDebug(const std::string& build_id) const;

 private:
  std::vector<std::filesystem::path> directories_;
};

}  // namespace edgefeed
