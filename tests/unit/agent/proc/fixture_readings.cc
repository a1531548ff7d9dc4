#include "tests/unit/agent/proc/fixture_readings.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "agent/proc/linux_kernel.h"
#include "common/base/file.h"
#include "common/base/unique_fd.h"

namespace edgefeed {
namespace {

constexpr int kRefused = 77;

bool BindOver(const std::filesystem::path& from, const char* to) {
  return ::mount(from.c_str(), to, nullptr, MS_BIND | MS_REC, nullptr) == 0;
}

bool MoveInto(const std::filesystem::path& fixture) {
  const int namespaces = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
  return ::unshare(namespaces) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         BindOver(fixture / "sys", "/sys") && BindOver(fixture / "proc", "/proc");
}

int PrintReadings(FILE* out) {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open({}, clock);
  if (!kernel) return 1;
  const MachineState state = (*kernel)->Read();
  for (const auto& [name, value] : ByName(state)) {
    std::fprintf(out, "%.17g %s\n", value, name.c_str());
  }
  if (state.cpu) {
    std::fprintf(out, "%.17g state.cpu.busy\n", static_cast<double>(state.cpu->busy));
    std::fprintf(out, "%.17g state.cpu.total\n", static_cast<double>(state.cpu->total));
  }
  if (state.memory_used_mib) {
    std::fprintf(out, "%.17g state.memory_used_mib\n", *state.memory_used_mib);
  }
  return std::fflush(out) == 0 ? 0 : 1;
}

[[noreturn]] void RunChild(const std::filesystem::path& fixture, int out) {
  if (!MoveInto(fixture)) ::_exit(kRefused);
  FILE* const stream = ::fdopen(out, "w");
  ::_exit(stream == nullptr ? 1 : PrintReadings(stream));
}

Readings ParseLines(int fd) {
  Readings readings;
  const int copy = ::dup(fd);
  FILE* const stream = copy < 0 ? nullptr : ::fdopen(copy, "r");
  REQUIRE(stream != nullptr);
  std::array<char, 512> name{};
  double value = 0;
  while (std::fscanf(stream, "%lf %511[^\n]", &value, name.data()) == 2) {
    readings[name.data()] = value;
  }
  std::fclose(stream);
  return readings;
}

}  // namespace

Readings ByName(const MachineState& state) {
  Readings readings;
  for (const MachineReading& reading : state.readings) {
    const auto name = ToString(Series{std::string(reading.metric->name), reading.labels});
    CAPTURE(name);
    CHECK(readings.emplace(name, reading.value).second);
  }
  return readings;
}

Readings OfMetric(const Readings& readings, std::string_view metric) {
  Readings found;
  for (const auto& [name, value] : readings) {
    if (name.substr(0, name.find('{')) == metric) found.emplace(name, value);
  }
  return found;
}

std::filesystem::path FixturePath(const std::string& name) {
  return std::filesystem::path(EDGEFEED_FIXTURES) / "kernel" / name;
}

KernelRoots FixtureRoots(const std::string& name) {
  return {FixturePath(name) / "proc", FixturePath(name) / "sys"};
}

std::string FixtureText(const std::string& name, const std::string& file) {
  const auto text = ReadSmallFile(FixturePath(name) / file);
  REQUIRE(text);
  return *text;
}

std::optional<Readings> ReadAsRealMachine(const std::string& name) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) RunChild(FixturePath(name), write_end.get());
  write_end.Reset();
  Readings readings = ParseLines(read_end.get());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kRefused) return std::nullopt;
  CHECK(WEXITSTATUS(status) == 0);
  return readings;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "edgefeed-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryDirectory::Write(const std::string& file, std::string_view text) const {
  std::filesystem::create_directories((path_ / file).parent_path());
  std::ofstream(path_ / file, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace edgefeed
