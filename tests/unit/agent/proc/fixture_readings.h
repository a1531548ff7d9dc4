#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/proc/kernel.h"
#include "agent/proc/kernel_roots.h"

namespace edgefeed {

// What was read, by the series' text: temperature_celsius{type="acpitz",zone="0"}.
using Readings = std::map<std::string, double>;

Readings ByName(const MachineState& state);

// The readings of one metric.
Readings OfMetric(const Readings& readings, std::string_view metric);

std::filesystem::path FixturePath(const std::string& name);
KernelRoots FixtureRoots(const std::string& name);
std::string FixtureText(const std::string& name, const std::string& file);

// Everything that a LinuxKernel reads in a process of its own for which the fixture *is* /proc and
// /sys, so that libproc2 reads it too. Nothing when this system allows no mount namespaces. Besides
// the readings: "state.cpu.busy", "state.cpu.total" and "state.memory_used_mib", where known.
std::optional<Readings> ReadAsRealMachine(const std::string& name);

// A directory of its own, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file below it, with the directories on the way.
  void Write(const std::string& file, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace edgefeed
