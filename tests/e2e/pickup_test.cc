// Crash dumps on the device: the real agent, with nobody to send them to.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/crash/dump_record.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/base/unique_fd.h"
#include "tests/e2e/rig.h"
#include "tests/support/core_builder.h"
#include "tests/support/unpacked.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace fs = std::filesystem;

constexpr const char* kNoLimits =
    "per_signature_hourly: 10000, per_device_hourly: 10000, min_free: 1MiB, systemd_directory: ''";

// An agent whose files this test may look at.
class DumpingAgent {
 public:
  explicit DumpingAgent(const std::string& settings = kNoLimits)
      : agent_({.name = "device",
                .collector = "127.0.0.1:1",
                .interval = "1s",
                .state_dir = state_.path().string(),
                .more = "crash_dumps: {" + settings + "}"}) {
    REQUIRE(Await([&] { return fs::exists(drops()); }));
  }

  [[nodiscard]] fs::path drops() const { return state_.path() / "crashes"; }
  [[nodiscard]] fs::path hidden() const { return state_.path() / "hidden"; }
  RunningAgent& agent() { return agent_; }

  void Rename(const std::string& name, std::string_view bytes) const {
    std::ofstream(hidden(), std::ios::binary) << bytes;
    fs::rename(hidden(), drops() / name);
  }

  // What is sealed, by the name of its source.
  [[nodiscard]] std::map<std::string, std::vector<DumpRecord>> Sealed() const {
    std::map<std::string, std::vector<DumpRecord>> sealed;
    std::error_code error;
    for (fs::directory_iterator entry(state_.path() / "dumps", error), end; entry != end; ++entry) {
      if (entry->path().extension() != ".info") continue;
      const auto bytes = ReadSmallFile(entry->path());
      if (!bytes) continue;  // It has just been replaced.
      auto record = DecodeDumpRecord(*bytes);
      REQUIRE(record);
      sealed[record->head.origin.name].push_back(std::move(*record));
    }
    return sealed;
  }
  [[nodiscard]] bool HasHalfDump() const {
    const fs::directory_iterator files(state_.path() / "dumps");
    return std::any_of(begin(files), end(files), [](const auto& file) {
      return file.path().string().ends_with(".dump.tmp");
    });
  }
  [[nodiscard]] std::string BytesOf(const DumpRecord& record) const {
    const auto bytes =
        ReadSmallFile(state_.path() / "dumps" / (record.head.id + ".dump"), std::size_t{64} << 20);
    REQUIRE(bytes);
    return *bytes;
  }

 private:
  TempDir state_;
  RunningAgent agent_;
};

std::string Noise(std::size_t bytes, unsigned seed) {
  std::string noise(bytes, '\0');
  std::mt19937 random(seed);
  for (std::size_t at = 0; at + 4 <= bytes; at += 4) {
    const auto word = static_cast<std::uint32_t>(random());
    std::copy_n(reinterpret_cast<const char*>(&word), 4, noise.data() + at);
  }
  return noise;
}

// Letters only: a digit would end the program's name.
std::string Named(const std::string& kind, int number) {
  return kind + "-" + static_cast<char>('a' + number / 26) + static_cast<char>('a' + number % 26);
}

void LinkAnonymous(const fs::path& target, std::string_view bytes) {
  const UniqueFd fd(::open(target.parent_path().c_str(), O_TMPFILE | O_WRONLY, 0600));
  REQUIRE(fd.valid());
  REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const std::string same = "/proc/self/fd/" + std::to_string(fd.get());
  REQUIRE(::linkat(AT_FDCWD, same.c_str(), AT_FDCWD, target.c_str(), AT_SYMLINK_FOLLOW) == 0);
}

// Begins to write a core, and dies.
void WriteHalf(const fs::path& target, std::string_view bytes) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(target.c_str(), O_CREAT | O_WRONLY, 0600);
    const bool written = ::write(fd, bytes.data(), bytes.size() / 2) > 0;
    ::kill(::getpid(), written ? SIGKILL : SIGABRT);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
}

TEST_CASE("of producers of each kind no dump is taken early, and none is missed") {
  constexpr int kProducers = 50;
  DumpingAgent device;
  const std::string core = SmallCore(62);
  std::vector<std::unique_ptr<std::ofstream>> slow;
  for (int i = 0; i < kProducers; ++i) {
    slow.push_back(std::make_unique<std::ofstream>(device.drops() / Named("slow", i)));
    *slow.back() << "first" << std::flush;
    WriteHalf(device.drops() / Named("killed", i), core);
    std::ofstream(device.drops() / Named("written", i)) << "first";
  }
  for (int i = 0; i < kProducers; ++i) {
    device.Rename(Named("renamed", i), "renamed");
    LinkAnonymous(device.drops() / Named("linked", i), "linked");
  }
  const auto count = [&](const std::string& kind) {
    const auto sealed = device.Sealed();
    return std::ranges::count_if(sealed,
                                 [&](const auto& one) { return one.first.starts_with(kind); });
  };
  CHECK(Await([&] { return count("renamed") == kProducers && count("linked") == kProducers; }));
  CHECK(count("slow") == 0);
  CHECK(count("killed") == 0);
  for (int pause = 0; pause < 2; ++pause) {
    for (int i = 0; i < kProducers; ++i) *slow[static_cast<std::size_t>(i)] << "more" << std::flush;
    LetPass(4s);
  }
  CHECK(count("slow") == 0);
  slow.clear();
  CHECK(Await([&] { return count("slow") == kProducers && count("written") == kProducers; }));
  CHECK(count("killed") == 0);
  for (const auto& [name, records] : device.Sealed()) {
    CAPTURE(name);
    REQUIRE(records.size() == 1);
    const std::string kind = name.substr(0, name.find('-'));
    const std::map<std::string, std::uint64_t> whole = {
        {"slow", 13}, {"renamed", 7}, {"linked", 6}, {"written", 5}};
    CHECK(records[0].info.original_bytes == whole.at(kind));
    CHECK_FALSE(records[0].info.truncated);
  }
}

TEST_CASE(
    "killed thirty times while it seals, the agent has one whole dump of each file in the end") {
  DumpingAgent device(std::string(kNoLimits) + ", max_size: 1GiB");
  device.agent().program().Kill();
  REQUIRE(device.agent().program().Wait(kPatience));
  std::mt19937 random(8);
  constexpr int kRounds = 30;
  std::map<std::string, std::string> contents;
  int interrupted = 0;
  for (int round = 0; round < kRounds; ++round) {
    if (device.Sealed().size() == contents.size()) {
      const std::string name = Named("app", round);
      contents[name] = Noise(8'000'000 + random() % 12'000'000, static_cast<unsigned>(round));
      device.Rename(name, contents[name]);
      // Seen later than it was written: complete at first sight.
      fs::last_write_time(device.drops() / name, fs::file_time_type::clock::now() - 1s);
    }
    device.agent().Start();
    REQUIRE(device.agent().program().WaitForLine("device 'device'", kPatience));
    // Sanitizers make a start many times longer.
    LetPass(std::chrono::milliseconds(random() % (60U << (static_cast<unsigned>(round) % 5))));
    device.agent().program().Kill();
    REQUIRE(device.agent().program().Wait(kPatience));
    interrupted += device.HasHalfDump() ? 1 : 0;
  }
  MESSAGE(interrupted << " of " << kRounds << " kills came while bytes were written");
  CHECK(interrupted > 0);
  device.agent().Start();
  CHECK(Await([&] { return device.Sealed().size() == contents.size(); }));
  device.agent().program().Kill();
  REQUIRE(device.agent().program().Wait(kPatience));
  const auto sealed = device.Sealed();
  for (const auto& [name, content] : contents) {
    CAPTURE(name);
    REQUIRE(sealed.contains(name));
    REQUIRE(sealed.at(name).size() == 1);
    const DumpRecord& record = sealed.at(name)[0];
    const std::string bytes = device.BytesOf(record);
    CHECK(record.info.occurrences == 1);
    CHECK(Sha256Of(bytes) == record.head.sha256);
    CHECK((Unpacked(bytes) == content));
    CHECK(fs::exists(device.drops() / name));  // Nobody has confirmed it.
  }
}

// In KiB.
std::uint64_t PeakMemory(pid_t pid) {
  const auto status = ReadSmallFile("/proc/" + std::to_string(pid) + "/status");
  REQUIRE(status);
  std::string_view rest = std::string_view(*status).substr(status->find("VmHWM:"));
  REQUIRE(NextField(rest));
  return ParseNumber<std::uint64_t>(NextField(rest).value_or("")).value_or(0);
}

TEST_CASE("a dump of a GiB is sealed in little memory, and a stop does not wait for it") {
  DumpingAgent device(std::string(kNoLimits) + ", full_limit: 4GiB");
  const pid_t pid = device.agent().program().pid();
  REQUIRE(device.agent().program().WaitForLine("device 'device'", kPatience));
  LetPass(3s);  // Of samples.
  const std::uint64_t before = PeakMemory(pid);
  std::ofstream(device.hidden()) << Noise(4'000'000, 2);
  fs::resize_file(device.hidden(), std::uint64_t{1} << 30);
  fs::rename(device.hidden(), device.drops() / "large");
  REQUIRE(Await([&] { return device.Sealed().contains("large"); }));
  const std::uint64_t growth = PeakMemory(pid) - before;
  MESSAGE("peak memory grew by " << growth << " KiB");
#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // They take memory of their own.
  CHECK(growth <= 8 * 1024);
#endif
  CHECK(device.Sealed().at("large")[0].info.original_bytes == std::uint64_t{1} << 30);

  fs::copy_file(device.drops() / "large", device.hidden());
  fs::rename(device.hidden(), device.drops() / "second");
  LetPass(200ms);
  device.agent().program().Signal(SIGTERM);
  // The agent itself takes three seconds to look for its collector.
  CHECK(device.agent().program().Wait(kPatience) == 0);
  device.agent().Start();
  CHECK(Await([&] { return device.Sealed().contains("second"); }));
}

TEST_CASE("a new configuration is in force at once") {
  DumpingAgent device;
  const TempDir elsewhere;
  device.agent().WriteConfig({.name = "device",
                              .collector = "127.0.0.1:1",
                              .interval = "1s",
                              .state_dir = device.drops().parent_path().string(),
                              .more = "crash_dumps: {directories: " + elsewhere.path().string() +
                                      ", mode: metadata, " + kNoLimits + "}"});
  device.agent().program().Signal(SIGHUP);
  REQUIRE(device.agent().program().WaitForLine("configuration reloaded", kPatience));
  std::ofstream(device.hidden()) << "bytes";
  fs::rename(device.hidden(), elsewhere.path() / "app");
  REQUIRE(Await([&] { return device.Sealed().contains("app"); }));
  CHECK(device.Sealed().at("app")[0].head.size_bytes == 0);
}

}  // namespace
}  // namespace edgefeed::e2e
