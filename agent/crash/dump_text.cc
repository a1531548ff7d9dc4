#include "agent/crash/dump_text.h"

#include <algorithm>
#include <cstddef>

#include "common/digest/dump_signature.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxShown = 80;
constexpr std::string_view kZstd = ".zst";

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '+' || c == '-';
}

std::string ForFile(std::string_view name) {
  std::string clean(name.substr(0, kMaxShown));
  std::ranges::replace_if(clean, [](char c) { return !IsPlain(c); }, '_');
  return clean;
}

}  // namespace

std::string ShownName(std::string_view name) {
  std::string shown(name.substr(0, kMaxShown));
  std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

std::string ProgramOf(std::string_view source) {
  constexpr std::string_view kCore = "core.";
  if (source.starts_with(kCore)) source.remove_prefix(kCore.size());
  std::string_view program = source.substr(0, source.find_first_of(".0123456789"));
  while (program.ends_with('-') || program.ends_with('_')) program.remove_suffix(1);
  return program.empty() ? "dump" : ForFile(program);
}

std::string DumpFileName(const DumpInfo& info, std::string_view source) {
  const std::string_view path = info.executable;
  std::string_view program = path.substr(path.rfind('/') + 1);
  if (program.empty()) program = info.command;
  std::string name;
  if (program.empty() || info.signal == 0) {
    if (source.ends_with(kZstd)) source.remove_suffix(kZstd.size());
    name = ForFile(source);
  } else {
    name = ForFile(program) + "." + std::to_string(info.pid) + "." +
           ForFile(SignalName(info.signal)) + ".core";
  }
  if (info.compression == "zstd") name += kZstd;
  if (name.empty() || name.front() == '.') name = "dump" + name;
  return name;
}

}  // namespace edgefeed
