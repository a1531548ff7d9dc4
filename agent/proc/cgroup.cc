// Parses /proc/self/cgroup, with version 1, version 2, or both side by side,
//   4:memory:/user.slice
//   0::/system.slice/edgefeed-agent.service
// and reads, below /sys/fs/cgroup (version 2) or /sys/fs/cgroup/memory (version 1),
//   memory.max       memory.limit_in_bytes    536870912
//   memory.current   memory.usage_in_bytes    18284544
#include "agent/proc/cgroup.h"

#include <algorithm>
#include <vector>

#include "agent/proc/kernel_file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 62;

struct Files {
  KernelFile usage;
  KernelFile limit;
};

struct Candidate {
  std::filesystem::path directory;
  const char* usage;
  const char* limit;
};

bool ListsMemory(std::string_view controllers) {
  while (!controllers.empty()) {
    const auto comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "memory") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

std::optional<Files> OpenFiles(const Candidate& candidate) {
  auto usage = KernelFile::Open(candidate.directory / candidate.usage);
  auto limit = KernelFile::Open(candidate.directory / candidate.limit);
  if (!usage || !limit) return std::nullopt;
  return Files{*std::move(usage), *std::move(limit)};
}

// In a container the path may be one of the host's, which is not there: then the top of what is
// mounted is the container's own group.
std::vector<Candidate> Candidates(const CgroupPaths& paths, const std::filesystem::path& mount) {
  std::vector<Candidate> candidates;
  const auto add = [&](const std::filesystem::path& top, std::string_view path, const char* usage,
                       const char* limit) {
    candidates.push_back(
        {top / path.substr(std::min(path.find_first_not_of('/'), path.size())), usage, limit});
    candidates.push_back({top, usage, limit});
  };
  if (paths.memory_v1) {
    add(mount / "memory", *paths.memory_v1, "memory.usage_in_bytes", "memory.limit_in_bytes");
  } else if (paths.unified) {
    add(mount, *paths.unified, "memory.current", "memory.max");
  }
  return candidates;
}

class Cgroup final : public Source {
 public:
  explicit Cgroup(Files files) : files_(std::move(files)) {}

  Status Read(MachineState& state) override {
    const auto usage = files_.usage.ReadInteger();
    if (!usage) return usage.error();
    state.Add(metrics::kCgroupMemoryUsage, static_cast<double>(*usage));
    const auto text = files_.limit.ReadText();
    if (!text) return text.error();
    if (const auto limit = ParseMemoryLimit(*text)) {
      state.Add(metrics::kCgroupMemoryLimit, static_cast<double>(*limit));
    }
    return {};
  }

 private:
  Files files_;
};

}  // namespace

CgroupPaths ParseCgroup(std::string_view text) {
  CgroupPaths paths;
  while (const auto line = NextLine(text)) {
    const auto first = line->find(':');
    if (first == std::string_view::npos) continue;
    const auto second = line->find(':', first + 1);  // The path may hold more colons.
    if (second == std::string_view::npos) continue;
    const auto controllers = line->substr(first + 1, second - first - 1);
    const std::string path(line->substr(second + 1));
    if (ListsMemory(controllers)) paths.memory_v1 = path;
    if (controllers.empty()) paths.unified = path;
  }
  return paths;
}

std::optional<std::uint64_t> ParseMemoryLimit(std::string_view text) {
  const auto limit = ParseNumber<std::uint64_t>(Trim(text));
  return limit && *limit < kUnlimited ? limit : std::nullopt;
}

SourceResult OpenCgroup(const KernelRoots& roots) {
  auto file = KernelFile::Open(roots.proc / "self/cgroup");
  if (!file) return file.error();
  const auto text = file->ReadText();
  if (!text) return text.error();
  for (const Candidate& candidate : Candidates(ParseCgroup(*text), roots.sys / "fs/cgroup")) {
    if (auto files = OpenFiles(candidate)) {
      return std::unique_ptr<Source>(std::make_unique<Cgroup>(*std::move(files)));
    }
  }
  return Error{Code::kNotFound, "the agent's control group does not account for memory"};
}

}  // namespace edgefeed
