#include "common/unwind/symbol_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/corefile/elf_build_id.h"

namespace edgefeed {
namespace {

constexpr const char* kSystemDirectory = "/usr/lib/debug";
constexpr std::size_t kHeadBytes = 8192;
constexpr std::size_t kShortestBuildId = 4;

bool IsRegular(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

// Looks first, because to open a device can be to start something.
UniqueFd OpenRegular(const std::filesystem::path& path) {
  if (!IsRegular(path)) return {};
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (fd.valid() && (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))) return {};
  return fd;
}

SymbolFile OpenIfSame(const std::filesystem::path& path, const std::string& build_id) {
  UniqueFd fd = OpenRegular(path);
  if (!fd.valid()) return {};
  std::string head(kHeadBytes, '\0');
  const ssize_t size = ::pread(fd.get(), head.data(), head.size(), 0);
  if (size <= 0) return {};
  head.resize(static_cast<std::size_t>(size));
  if (ElfBuildId(head) != build_id) return {};
  return {.fd = std::move(fd), .path = path};
}

std::filesystem::path ById(const std::filesystem::path& directory, const std::string& build_id,
                           const char* ending) {
  return directory / ".build-id" / build_id.substr(0, 2) / (build_id.substr(2) + ending);
}

}  // namespace

SymbolFiles::SymbolFiles(std::vector<std::filesystem::path> directories)
    : directories_(std::move(directories)) {}

SymbolFile SymbolFiles::FindBinary(const std::string& build_id,
                                   const std::filesystem::path& module) const {
  if (build_id.size() < kShortestBuildId) return {};
  std::vector<std::filesystem::path> places;
  for (const auto& directory : directories_) {
    places.push_back(ById(directory, build_id, ""));
    if (module.has_filename()) places.push_back(directory / module.filename());
  }
  places.push_back(ById(kSystemDirectory, build_id, ""));
  if (module.is_absolute()) places.push_back(module);
  for (const auto& place : places) {
    SymbolFile file = OpenIfSame(place, build_id);
    if (file.fd.valid()) return file;
  }
  return {};
}

// Not checked: the notes of such a file need not be in its beginning.
SymbolFile SymbolFiles::FindDebug(const std::string& build_id) const {
  if (build_id.size() < kShortestBuildId) return {};
  std::vector<std::filesystem::path> directories = directories_;
  directories.emplace_back(kSystemDirectory);
  for (const auto& directory : directories) {
    const auto path = ById(directory, build_id, ".debug");
    UniqueFd fd = OpenRegular(path);
    if (fd.valid()) return {.fd = std::move(fd), .path = path};
  }
  return {};
}

}  // namespace edgefeed
