#pragma once

#include <filesystem>

namespace edgefeed {

// Where our own parsers find the kernel's files. Tests point it at a captured tree.
struct KernelRoots {
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
};

}  // namespace edgefeed
