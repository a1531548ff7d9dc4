#include "agent/capture/crashed_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <string>
#include <string_view>

#include "common/base/unique_fd.h"

namespace edgefeed {
namespace {

// Enough for /proc/PID/comm and cgroup.
constexpr std::size_t kMaxText = 4096;

std::string ReadText(const UniqueFd& directory, const char* name) {
  const UniqueFd file(::openat(directory.get(), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return {};
  std::string text(kMaxText, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

std::string ReadLink(const UniqueFd& directory, const char* name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(directory.get(), name, target.data(), target.size());
  return size < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

// The last *.service or *.scope in /proc/PID/cgroup:
//   0::/system.slice/sensord.service
std::string UnitOf(std::string_view cgroup) {
  std::string_view line = cgroup.substr(0, cgroup.find('\n'));
  while (!line.empty()) {
    const std::size_t slash = line.rfind('/');
    const std::string_view part = slash == std::string_view::npos ? line : line.substr(slash + 1);
    if (part.ends_with(".service") || part.ends_with(".scope")) return std::string(part);
    line = slash == std::string_view::npos ? std::string_view() : line.substr(0, slash);
  }
  return {};
}

}  // namespace

DumpInfo DescribeCrash(const CrashArguments& crash, const std::filesystem::path& proc) {
  DumpInfo info;
  info.pid = crash.pid;
  info.thread = crash.thread;
  info.uid = crash.uid;
  info.signal = crash.signal;
  info.crashed_at = info.last_at = crash.crashed_at;
  info.source = DumpSource::kCapture;
  const std::filesystem::path path = proc / std::to_string(crash.pid);
  const UniqueFd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return info;
  info.executable = ReadLink(directory, "exe");
  info.command = ReadText(directory, "comm");
  if (info.command.ends_with('\n')) info.command.pop_back();
  info.unit = UnitOf(ReadText(directory, "cgroup"));
  return info;
}

}  // namespace edgefeed
