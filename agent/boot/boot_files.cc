#include "agent/boot/boot_files.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "common/base/file.h"
#include "common/base/unique_fd.h"

namespace edgefeed {
namespace {

constexpr const char* kRecord = "record";
constexpr const char* kAlive = "alive";
constexpr const char* kShutdown = "shutdown";
constexpr const char* kShutdownsAreNoted = "shutdowns-are-noted";
constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0750;
constexpr std::size_t kMostFileBytes = std::size_t{64} << 10;

std::optional<std::string> BytesOf(const std::filesystem::path& file) {
  auto bytes = ReadSmallFile(file, kMostFileBytes);
  if (bytes) return *std::move(bytes);
  if (bytes.error().code != Code::kNotFound) spdlog::warn("boots: {}", bytes.error().message);
  return std::nullopt;
}

template <typename Content>
std::optional<Content> Decoded(const std::filesystem::path& file, const Result<Content>& content) {
  if (content) return *content;
  spdlog::warn("boots: {} {}: it counts as lost", file.string(), content.error().message);
  return std::nullopt;
}

void MakeDirectories(const std::filesystem::path& directory) {
  ::mkdir(directory.parent_path().c_str(), 0755);
  ::mkdir(directory.c_str(), kDirectoryMode);  // What does not work is told by who writes there.
}

}  // namespace

std::optional<BootRecord> BootFiles::ReadRecord() const {
  const auto file = directory_ / kRecord;
  const auto bytes = BytesOf(file);
  return bytes ? Decoded(file, DecodeBootRecord(*bytes)) : std::nullopt;
}

std::optional<LifeMark> BootFiles::ReadMark(const char* name) const {
  const auto file = directory_ / name;
  const auto bytes = BytesOf(file);
  return bytes ? Decoded(file, DecodeLifeMark(*bytes)) : std::nullopt;
}

std::optional<LifeMark> BootFiles::ReadAlive() const { return ReadMark(kAlive); }
std::optional<LifeMark> BootFiles::ReadShutdown() const { return ReadMark(kShutdown); }

bool BootFiles::ShutdownsAreNoted() const {
  std::error_code ignored;
  return std::filesystem::exists(directory_ / kShutdownsAreNoted, ignored);
}

Status BootFiles::WriteRecord(const BootRecord& record) const {
  MakeDirectories(directory_);
  return ReplaceFile(directory_ / kRecord, EncodeBootRecord(record));
}

Status BootFiles::WriteShutdown(const LifeMark& mark) const {
  MakeDirectories(directory_);
  return ReplaceFile(directory_ / kShutdown, EncodeLifeMark(mark));
}

Status BootFiles::RemoveShutdown() const {
  const auto file = directory_ / kShutdown;
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return ErrnoError(file.string(), errno);
  return SyncDirectory(directory_);
}

Status BootFiles::ExpectShutdownNotes() const {
  if (ShutdownsAreNoted()) return {};
  MakeDirectories(directory_);
  return ReplaceFile(directory_ / kShutdownsAreNoted, "");
}

Status BootFiles::WriteAlive(const LifeMark& mark) const {
  const auto file = directory_ / kAlive;
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!fd.valid()) return ErrnoError(file.string(), errno);
  return WriteAll(fd.get(), EncodeLifeMark(mark), file.string());
}

}  // namespace edgefeed
