#include "agent/crash/systemd_core.h"

#include <sys/xattr.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/text.h"

namespace edgefeed {
namespace {

// A part of the name: systemd escapes '.', '/', ' ' and the like as \x2e.
std::string Unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const bool is_escape = text.size() >= 4 && text.starts_with("\\x");
    unsigned value = 0;
    const std::string_view digits = text.substr(0, is_escape ? 4 : 0);
    const auto [end, error] = std::from_chars(digits.data() + (is_escape ? 2 : 0),
                                              digits.data() + digits.size(), value, 16);
    if (is_escape && error == std::errc() && end == digits.data() + digits.size()) {
      plain += static_cast<char>(value);
      text.remove_prefix(4);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

// As the kernel writes it: 8-4-4-4-12.
std::string WithDashes(std::string_view boot_id) {
  if (boot_id.size() != 32) return {};
  std::string id(boot_id);
  for (const std::size_t at : {8, 13, 18, 23}) id.insert(at, 1, '-');
  return id;
}

std::string Attribute(int fd, const char* name) {
  std::array<char, 4096> value{};
  const ssize_t size = ::fgetxattr(fd, name, value.data(), value.size());
  return size > 0 ? std::string(value.data(), static_cast<std::size_t>(size)) : std::string();
}

std::uint32_t Number(std::string_view text) { return ParseNumber<std::uint32_t>(text).value_or(0); }

void SetTime(std::string_view microseconds, DumpInfo& info) {
  const auto time = ParseNumber<std::uint64_t>(microseconds);
  if (time) info.crashed_at = FromUnixMillis(*time / 1000);
}

void ReadName(std::string_view name, DumpInfo& info) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  if (parts.size() < 6 || parts[0] != "core") return;
  info.command = Unescaped(parts[1]);
  info.uid = Number(parts[2]);
  info.boot_id = WithDashes(parts[3]);
  info.pid = Number(parts[4]);
  SetTime(parts[5], info);
}

void ReadAttributes(int fd, DumpInfo& info) {
  info.executable = Attribute(fd, "user.coredump.exe");
  info.signal = Number(Attribute(fd, "user.coredump.signal"));
  if (const auto pid = Number(Attribute(fd, "user.coredump.pid")); pid != 0) info.pid = pid;
  if (auto command = Attribute(fd, "user.coredump.comm"); !command.empty()) {
    info.command = std::move(command);
  }
  SetTime(Attribute(fd, "user.coredump.timestamp"), info);
}

}  // namespace

DumpInfo DescribeSystemdCore(const std::string& name, int fd) {
  DumpInfo info;
  ReadName(name, info);
  ReadAttributes(fd, info);
  return info;
}

}  // namespace edgefeed
