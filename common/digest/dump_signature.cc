#include "common/digest/dump_signature.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxFrames = 8;
constexpr std::size_t kIdBytes = 8;

std::string_view FileName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view ProgramName(const DumpInfo& info) {
  const std::string_view name = FileName(info.executable);
  return name.empty() ? std::string_view(info.command) : name;
}

std::string ProgramKey(const DumpInfo& info) {
  for (const DumpModule& module : info.modules) {
    if (module.path == info.executable && !module.build_id.empty()) return module.build_id;
  }
  return std::string(ProgramName(info));
}

// How a program gets from its own mistake to its death: the same for every mistake.
bool IsWayOut(const DumpFrame& frame) {
  const std::string_view name = FileName(frame.module);
  if (name.starts_with("libc.") || name.starts_with("libc-") || name.starts_with("libpthread") ||
      name.starts_with("ld-")) {
    return true;
  }
  return name.starts_with("libstdc++") || name.starts_with("libc++");
}

std::vector<const DumpFrame*> TellingFrames(const DumpInfo& info) {
  std::vector<const DumpFrame*> all;
  std::vector<const DumpFrame*> own;
  if (info.threads.empty()) return all;
  for (const DumpFrame& frame : info.threads.front().frames) {
    if (frame.module.empty() && frame.build_id.empty()) continue;
    all.push_back(&frame);
    if (!IsWayOut(frame)) own.push_back(&frame);
  }
  std::vector<const DumpFrame*> telling = own.empty() ? all : own;
  if (telling.size() > kMaxFrames) telling.resize(kMaxFrames);
  return telling;
}

std::string FrameKey(const DumpFrame& frame) {
  const std::string_view module =
      frame.build_id.empty() ? FileName(frame.module) : std::string_view(frame.build_id);
  return std::string(module) + "+" + std::to_string(frame.offset);
}

std::string Title(const DumpInfo& info, const DumpFrame* frame) {
  std::string title = SignalName(info.signal);
  if (frame != nullptr) {
    char offset[32];
    std::snprintf(offset, sizeof offset, "+0x%llx",
                  static_cast<unsigned long long>(frame->offset));  // NOLINT(google-runtime-int)
    title += " in ";
    title +=
        frame->function.empty() ? std::string(FileName(frame->module)) + offset : frame->function;
  }
  return title + " (" + std::string(ProgramName(info)) + ")";
}

}  // namespace

std::string SignalName(std::uint32_t signal) {
  if (signal == 0) return "unknown signal";
  const char* const name = ::sigabbrev_np(static_cast<int>(signal));
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

DumpSignature SignatureOf(const DumpInfo& info) {
  const std::vector<const DumpFrame*> frames = TellingFrames(info);
  // A single frame says the same whether somebody tried to unwind or nobody could.
  const bool unwound = !info.threads.empty() && info.threads.front().frames.size() > 1;
  DumpSignature signature;
  signature.version = frames.empty() ? "v1-name" : unwound ? "v1" : "v1-pc";
  std::string key = signature.version + "\n" + ProgramKey(info) + "\n" + SignalName(info.signal);
  for (const DumpFrame* frame : frames) key += "\n" + FrameKey(*frame);
  signature.id = HexText(BytesOf(Sha256Of(key)).substr(0, kIdBytes));
  signature.title = Title(info, frames.empty() ? nullptr : frames.front());
  return signature;
}

}  // namespace edgefeed
