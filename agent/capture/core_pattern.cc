#include "agent/capture/core_pattern.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "common/base/file.h"
#include "common/base/unique_fd.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

// CORENAME_MAX_SIZE of the kernel, with the end of the string.
constexpr std::size_t kMaxPattern = 127;
// So many crashes are handled at once; further ones get no dump.
constexpr std::string_view kPipeLimit = "4";
constexpr std::string_view kOurs = " capture ";

Result<std::string> ReadLine(const fs::path& path) {
  auto text = ReadSmallFile(path);
  if (text && text->ends_with('\n')) text->pop_back();
  return text;
}

Status WriteText(const fs::path& path, std::string_view text, int flags) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | flags, 0644));
  if (!fd.valid()) return ErrnoError(path.string(), errno);
  const ssize_t n = ::write(fd.get(), text.data(), text.size());
  if (n != static_cast<ssize_t>(text.size()))
    return ErrnoError(path.string(), n < 0 ? errno : ENOSPC);
  if ((flags & O_CREAT) != 0 && ::fsync(fd.get()) != 0) return ErrnoError(path.string(), errno);
  return {};
}

bool IsOurs(const CoreHandler& handler) {
  return handler.pattern.starts_with('|') && handler.pattern.find(kOurs) != std::string::npos &&
         handler.pattern.find("edgefeed-agent") != std::string::npos;
}

}  // namespace

Result<CoreHandler> CoreHandlerSwitch::Current() const {
  auto pattern = ReadLine(places_.kernel / "core_pattern");
  if (!pattern) return pattern.error();
  auto limit = ReadLine(places_.kernel / "core_pipe_limit");
  if (!limit) return limit.error();
  return CoreHandler{.pattern = std::move(*pattern), .pipe_limit = std::move(*limit)};
}

std::optional<CoreHandler> CoreHandlerSwitch::Saved() const {
  const auto text = ReadSmallFile(places_.saved);
  if (!text) return std::nullopt;
  const std::size_t end = text->find('\n');
  if (end == std::string::npos) return std::nullopt;
  CoreHandler handler{.pattern = text->substr(0, end), .pipe_limit = text->substr(end + 1)};
  while (handler.pipe_limit.ends_with('\n')) handler.pipe_limit.pop_back();
  return handler;
}

Status CoreHandlerSwitch::Set(const CoreHandler& handler) const {
  if (Status set = WriteText(places_.kernel / "core_pipe_limit", handler.pipe_limit, 0); !set) {
    return set;
  }
  if (Status set = WriteText(places_.kernel / "core_pattern", handler.pattern + "\n", 0); !set) {
    return set;
  }
  const auto now = Current();
  if (!now) return now.error();
  if (*now == handler) return {};
  return Error{Code::kFailedPrecondition,
               "the kernel did not take '" + handler.pattern + "': it has '" + now->pattern + "'"};
}

Status CoreHandlerSwitch::WriteBoot(const CoreHandler& handler) const {
  std::error_code error;
  fs::create_directories(places_.boot.parent_path(), error);
  return WriteText(places_.boot,
                   "# By `edgefeed-agent capture --install`; `--uninstall` removes it.\n"
                   "kernel.core_pattern=" +
                       handler.pattern + "\nkernel.core_pipe_limit=" + handler.pipe_limit + "\n",
                   O_CREAT);
}

Result<CoreHandler> CoreHandlerSwitch::Install(const std::string& program,
                                               const std::string& arguments) {
  const CoreHandler ours{
      .pattern = "|" + program + std::string(kOurs) + "%P %I %u %s %t" + arguments,
      .pipe_limit = std::string(kPipeLimit)};
  if (ours.pattern.size() > kMaxPattern) {
    return Error{Code::kInvalidArgument, "'" + ours.pattern + "' is longer than the " +
                                             std::to_string(kMaxPattern) +
                                             " bytes that the kernel takes (use shorter paths)"};
  }
  auto before = Current();
  if (!before) return before.error();
  if (!IsOurs(*before)) {
    std::error_code error;
    fs::create_directories(places_.saved.parent_path(), error);
    if (Status saved =
            WriteText(places_.saved, before->pattern + "\n" + before->pipe_limit + "\n", O_CREAT);
        !saved) {
      return saved.error();
    }
  }
  Status installed = Set(ours);
  if (installed) installed = WriteBoot(ours);
  if (installed) return *before;
  static_cast<void>(Set(*before));
  return installed.error();
}

Result<CoreHandler> CoreHandlerSwitch::Uninstall() {
  auto now = Current();
  if (!now) return now.error();
  const auto saved = Saved();
  if (IsOurs(*now)) {
    // The kernel's own default, when nobody knows better.
    const CoreHandler back = saved.value_or(CoreHandler{.pattern = "core", .pipe_limit = "0"});
    if (Status set = Set(back); !set) return set.error();
    now = back;
  }
  std::error_code ignored;
  fs::remove(places_.boot, ignored);
  fs::remove(places_.saved, ignored);
  return now;
}

}  // namespace edgefeed
