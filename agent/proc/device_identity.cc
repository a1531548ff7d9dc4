// Reads
//   /proc/sys/kernel/random/boot_id   5b2f6c1e-8f4d-4f0e-9a53-0c7d1b1f7a10     (new at each boot)
//   /proc/sys/kernel/osrelease        6.1.0-18-amd64
//   /etc/os-release                   PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
#include "agent/proc/device_identity.h"

#include <sys/utsname.h>

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

std::string TextOf(const std::filesystem::path& path) {
  const auto text = ReadSmallFile(path);
  return text ? std::string(Trim(*text)) : std::string();
}

// Quotes as the shell has them: in double quotes a backslash takes the next character as it is.
std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::string(text);
  if (text.front() == '\'') return std::string(text.substr(1, text.size() - 2));
  if (text.front() != '"') return std::string(text);
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

std::string MachineName() {
  utsname name{};
  return ::uname(&name) == 0 ? std::string(name.machine) : std::string();
}

}  // namespace

std::string OsReleaseValue(std::string_view text, std::string_view key) {
  while (const auto line = NextLine(text)) {
    const auto assignment = Trim(*line);
    if (assignment.starts_with(key) && assignment.substr(key.size()).starts_with('=')) {
      return Unquote(assignment.substr(key.size() + 1));
    }
  }
  return {};
}

DeviceInfo ReadDeviceIdentity(const KernelRoots& roots, const std::filesystem::path& os_release) {
  DeviceInfo info;
  info.boot_id = TextOf(roots.proc / "sys/kernel/random/boot_id");
  info.kernel_release = TextOf(roots.proc / "sys/kernel/osrelease");
  info.machine = MachineName();
  info.operating_system = OsReleaseValue(TextOf(os_release), "PRETTY_NAME");
  return info;
}

}  // namespace edgefeed
