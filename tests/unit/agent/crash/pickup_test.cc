#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <numeric>

#include "common/base/file.h"
#include "common/base/unique_fd.h"
#include "common/digest/dump_signature.h"
#include "common/wire/dump_info.h"
#include "tests/support/core_builder.h"
#include "tests/support/log_capture.h"
#include "tests/support/private_disk.h"
#include "tests/unit/agent/crash/crash_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace fs = std::filesystem;

constexpr std::uint16_t kX86 = 62;

std::uint64_t Occurrences(const std::vector<SealedDump>& dumps) {
  return std::accumulate(
      dumps.begin(), dumps.end(), std::uint64_t{0},
      [](std::uint64_t sum, const SealedDump& dump) { return sum + dump.info.occurrences; });
}

TEST_CASE("a core that is renamed into place is sealed with all that it tells") {
  CrashRig rig;
  rig.memory.moment = {.time = FromUnixMillis(1'700'000'000'000),
                       .clock = ClockTrust::kKernel,
                       .metrics = {.times = {WallTime()}, .metrics = {}}};
  const std::string core = SmallCore(kX86);
  rig.Drop("core.1", core);
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 1);
  const SealedDump dump = rig.Sealed()[0];
  CHECK(dump.size_bytes == rig.Bytes(dump).size());
  CHECK(dump.sha256 == Sha256Of(rig.Bytes(dump)));
  CHECK(Unpacked(rig.Bytes(dump)) == core);
  CHECK(dump.info.executable == "/bin/app");
  CHECK(dump.info.signal == 11);
  CHECK(dump.info.content == DumpContent::kFull);
  CHECK(dump.info.source == DumpSource::kDirectory);
  CHECK(dump.info.compression == "zstd");
  CHECK(dump.info.original_bytes == core.size());
  CHECK_FALSE(dump.info.truncated);
  CHECK(dump.info.boot_id == "boot-1");
  CHECK(dump.info.device.kernel_release == "6.1");
  CHECK(dump.info.crashed_at == FromUnixMillis(1'700'000'000'000));
  CHECK(dump.info.clock == ClockTrust::kKernel);
  CHECK(dump.info.metrics.times.size() == 1);
  CHECK_FALSE(dump.info.modules.empty());
  CHECK(dump.filename.starts_with("app."));
  CHECK(dump.filename.ends_with(".SIGSEGV.core.zst"));
  CHECK(rig.pickup->counts().taken == 1);
}

TEST_CASE("what is packed already stays as it is, and is looked into") {
  CrashRig rig;
  const std::string packed = Packed(SmallCore(kX86));
  rig.Drop("core.zst", packed);
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Bytes(rig.Sealed()[0]) == packed);
  CHECK(rig.Sealed()[0].info.executable == "/bin/app");
  CHECK(rig.Sealed()[0].info.compression == "zstd");
}

TEST_CASE("of a core over the limit the stacks are kept") {
  CrashConfig config;
  config.full_limit = KiB(1);
  for (const bool packed : {false, true}) {
    CAPTURE(packed);
    CrashRig rig(config);
    const std::string core = SmallCore(kX86);
    rig.Drop("core", packed ? Packed(core) : core);
    rig.Drop("text", std::string(2000, 'x'));
    rig.Wait(100ms);
    REQUIRE(rig.Sealed().size() == 2);
    const SealedDump dump = rig.Sealed()[0];
    CHECK(dump.info.content == DumpContent::kStacks);
    CHECK(dump.info.original_bytes == core.size());
    CHECK(Unpacked(rig.Bytes(dump))
              .starts_with("\x7F"
                           "ELF"));
    const SealedDump text = rig.Sealed()[1];
    CHECK(text.info.content == DumpContent::kMetadata);
    CHECK(text.info.missing == "too_large");
  }
}

TEST_CASE("of the mode metadata no byte is kept") {
  CrashConfig config;
  config.mode = DumpMode::kMetadata;
  CrashRig rig(config);
  rig.Drop("core", SmallCore(kX86));
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].size_bytes == 0);
  CHECK(rig.Sealed()[0].info.signal == 11);
  CHECK(rig.spool->counts().dropped.empty());
}

TEST_CASE("a file that is written in place is left alone for five seconds") {
  CrashRig rig;
  std::ofstream writer(rig.drops() / "slow");
  for (int i = 0; i < 5; ++i) {
    writer << "line" << std::flush;
    rig.pickup->OnEvent(rig.drops(), Pickup::Event::kCreated, "slow");
    rig.Wait(4s);
    CHECK(rig.Sealed().empty());
  }
  rig.Wait(1min);  // It is open all the time.
  CHECK(rig.Sealed().empty());
  writer.close();
  rig.pickup->OnEvent(rig.drops(), Pickup::Event::kClosedAfterWriting, "slow");
  rig.Wait(1s);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].info.original_bytes == 20);
}

TEST_CASE(
    "half of a core, whose writer was killed, is taken after ten minutes and said to be half") {
  const std::string core = SmallCore(kX86);
  for (const bool packed : {false, true}) {
    CAPTURE(packed);
    CrashRig rig;
    const std::string whole = packed ? Packed(core) : core;
    std::ofstream(rig.drops() / "core", std::ios::binary) << whole.substr(0, whole.size() - 20);
    rig.Wait(9min);
    CHECK(rig.Sealed().empty());
    rig.Wait(2min);
    REQUIRE(rig.Sealed().size() == 1);
    CHECK(rig.Sealed()[0].info.truncated);
    CHECK(rig.Sealed()[0].size_bytes > 0);
    if (!packed) CHECK(rig.Sealed()[0].info.signal == 11);
  }
}

TEST_CASE("half of a core that its producer renames is taken at once") {
  CrashRig rig;
  const std::string core = SmallCore(kX86);
  rig.Drop("core", core.substr(0, core.size() - 20));
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].info.truncated);
}

TEST_CASE("without any event files are found within a minute") {
  CrashRig rig;
  std::ofstream(rig.dir.path() / "tmp") << "bytes";
  fs::rename(rig.dir.path() / "tmp", rig.drops() / "core");
  rig.Wait(66s);
  CHECK(rig.Sealed().size() == 1);
}

TEST_CASE("what its producer says of a dump counts") {
  CrashRig rig;
  DumpInfo said;
  said.executable = "/opt/sensord";
  said.pid = 77;
  said.signal = 6;
  said.package = "sensord 1.2";
  said.log_tail = "last words";
  said.source = DumpSource::kCapture;
  said.content = DumpContent::kStacks;
  said.missing = "no_room";
  said.crashed_at = rig.scheduler.WallNow() - 10s;
  said.clock = ClockTrust::kDevice;
  std::ofstream(rig.drops() / "a.info", std::ios::binary) << EncodeDumpInfo(said);
  std::ofstream(rig.drops() / "b.info", std::ios::binary) << EncodeDumpInfo(said);
  rig.Drop("a", "bytes");
  rig.Drop("b", "");
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 2);
  for (const SealedDump& dump : rig.Sealed()) {
    CHECK(dump.info.executable == "/opt/sensord");
    CHECK(dump.info.package == "sensord 1.2");
    CHECK(dump.info.log_tail == "last words");
    CHECK(dump.info.source == DumpSource::kCapture);
    CHECK(dump.info.crashed_at == said.crashed_at);
    CHECK(dump.info.content ==
          (dump.size_bytes > 0 ? DumpContent::kStacks : DumpContent::kMetadata));
    CHECK(dump.info.missing == "no_room");
  }
  rig.Deliver();
  rig.Deliver();
  CHECK(fs::is_empty(rig.drops()));
}

TEST_CASE("a sidecar that is no such thing is no help and no harm") {
  CrashRig rig;
  std::ofstream(rig.drops() / "a.info") << "\xFF\xFF\xFF";
  REQUIRE(::mkfifo((rig.drops() / "b.info").c_str(), 0600) == 0);
  fs::create_symlink("/etc/passwd", rig.drops() / "c.info");
  for (const char* name : {"a", "b", "c"}) rig.Drop(name, "bytes");
  rig.Wait(100ms);
  CHECK(rig.Sealed().size() == 3);
  CHECK(fs::exists("/etc/passwd"));
}

TEST_CASE("a crash loop is counted exactly, and leaves room for others") {
  CrashRig rig;
  for (int i = 0; i < 1000; ++i) {
    rig.Drop("loop." + std::to_string(i), SmallCore(kX86));
    rig.Wait(600ms);
    if (i == 500) {
      for (const char* other : {"alpha", "beta", "gamma"}) rig.Drop(other, "bytes");
    }
    if (i % 100 == 99) rig.Start();
  }
  rig.Wait(2min);
  const auto all = rig.Sealed();
  std::vector<SealedDump> loop;
  std::size_t others = 0;
  for (const SealedDump& dump : all) {
    if (dump.info.executable == "/bin/app") {
      loop.push_back(dump);
    } else {
      others += dump.size_bytes > 0 ? 1 : 0;
    }
  }
  CHECK(others == 3);
  CHECK(Occurrences(loop) == 1000);
  CHECK(std::ranges::count_if(loop, [](const auto& dump) { return dump.size_bytes > 0; }) <= 7);
  CHECK(loop.size() <= 12);
  for (const SealedDump& dump : loop) {
    if (dump.size_bytes > 0) continue;
    CHECK(dump.info.missing == "rate_limited");
    CHECK(dump.info.content == DumpContent::kMetadata);
    CHECK(dump.info.last_at >= dump.info.crashed_at);
    CHECK(SignatureOf(dump.info).id == SignatureOf(loop[0].info).id);
  }
}

TEST_CASE("a suppressed crash is counted once, whenever the agent ends") {
  CrashRig rig;
  for (int i = 0; i < 2; ++i) rig.Drop("app." + std::to_string(i), "bytes");
  rig.Wait(1s);
  const auto source = rig.Drop("app.3", "bytes");
  // As if the agent had ended between counting and removing: the file is there again, as it was.
  fs::create_hard_link(source, rig.dir.path() / "same");
  rig.Wait(1s);
  CHECK_FALSE(fs::exists(source));
  CHECK(rig.pickup->counts().suppressed == 1);
  rig.Start();
  rig.Wait(2min);
  CHECK(Occurrences(rig.Sealed()) == 3);
  CHECK(rig.Sealed().size() == 3);
  rig.Start();
  rig.Wait(10min);
  CHECK(Occurrences(rig.Sealed()) == 3);
}

TEST_CASE(
    "counts that were told of are not told of again, although the agent ended before it noted "
    "that") {
  CrashRig rig;
  for (int i = 0; i < 5; ++i) {
    rig.Drop("app." + std::to_string(i), "bytes");
    rig.Wait(1s);
  }
  const auto stale = *ReadSmallFile(rig.spool_directory() / "ledger");
  rig.Wait(2min);
  REQUIRE(Occurrences(rig.Sealed()) == 5);
  std::ofstream(rig.spool_directory() / "ledger", std::ios::binary) << stale;
  rig.Start();
  rig.Drop("app.6", "bytes");
  rig.Wait(10min);
  CHECK(Occurrences(rig.Sealed()) == 6);
}

TEST_CASE("an interrupted sealing begins again, and is not charged twice") {
  CrashRig rig;
  const std::string bytes(5'000'000, 'x');
  const auto source = rig.Drop("app", bytes);
  for (int steps = 1; steps < 12; ++steps) {
    rig.pickup->OnEvent(rig.drops(), Pickup::Event::kRenamedIn, "app");
    rig.scheduler.Advance(50ms);
    rig.Start();
    rig.pickup->OnEvent(rig.drops(), Pickup::Event::kRenamedIn, "app");
  }
  rig.Wait(6s);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(Unpacked(rig.Bytes(rig.Sealed()[0])) == bytes);
  CHECK(rig.Sealed()[0].info.occurrences == 1);
}

TEST_CASE("systemd's cores are copied and stay where they are") {
  CrashRig rig;
  const std::string name = "core.app.0.5dd0cf2b8c2f4b0a9d0c5f4a6b7c8d9e.9.1700000000123456.zst";
  const std::string packed = Packed(SmallCore(kX86));
  std::ofstream(rig.systemd() / ".#half.zst") << "x";
  std::ofstream(rig.systemd() / name, std::ios::binary) << packed;
  rig.Wait(61s);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].info.source == DumpSource::kSystemd);
  CHECK(rig.Sealed()[0].info.pid == 9);
  CHECK(rig.Sealed()[0].info.boot_id == "5dd0cf2b-8c2f-4b0a-9d0c-5f4a6b7c8d9e");
  CHECK(rig.Sealed()[0].info.crashed_at == FromUnixMillis(1'700'000'000'123));
  CHECK(rig.Bytes(rig.Sealed()[0]) == packed);
  rig.Deliver();
  CHECK(fs::exists(rig.systemd() / name));
  CHECK(fs::hard_link_count(rig.systemd() / name) == 1);  // The pin is gone.
  rig.Wait(10min);
  rig.Start();
  rig.Wait(10min);
  CHECK(rig.Sealed().empty());
  CHECK(rig.ledger->operator*().done.size() == 1);
  fs::remove(rig.systemd() / name);
  rig.Wait(2min);
  CHECK(rig.ledger->operator*().done.empty());
}

TEST_CASE("what is no plain file is left alone, said once, and counted") {
  CrashRig rig;
  const fs::path outside = rig.dir.Write("outside", "not for you");
  fs::create_symlink(outside, rig.drops() / "symlink");
  REQUIRE(::mkfifo((rig.drops() / "fifo").c_str(), 0600) == 0);
  fs::create_directory(rig.drops() / "directory");
  fs::permissions(rig.drops(), fs::perms::all);
  fs::create_hard_link(outside, rig.drops() / "link");
  for (const char* ignored : {".hidden", "#123", "x.tmp"})
    std::ofstream(rig.drops() / ignored) << "x";
  std::ofstream(rig.drops() / "evil\nname") << "x";
  LogCapture log;
  rig.Wait(3min);
  CHECK(rig.pickup->counts().skipped ==
        std::map<std::string, std::uint64_t>{
            {"symlink", 1}, {"fifo", 1}, {"directory", 1}, {"hard_link", 1}});
  const auto lines = log.Take();
  CHECK(lines.size() == 5);  // And one of the dump with the evil name.
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].filename == "evil_name.zst");
  rig.Deliver();
  CHECK_FALSE(fs::exists(rig.drops() / "evil\nname"));
  CHECK(ReadSmallFile(outside).has_value());
  CHECK(fs::exists(rig.drops() / ".hidden"));
}

TEST_CASE("a file that changes while it is sealed is another one, and waits again") {
  CrashRig rig;
  rig.Drop("app", "first");
  rig.memory.on_recall = [&] {
    std::ofstream(rig.drops() / "app", std::ios::app) << "second";
    rig.memory.on_recall = [] {};
  };
  rig.Wait(4s);
  CHECK(rig.Sealed().empty());
  rig.Wait(20s);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(Unpacked(rig.Bytes(rig.Sealed()[0])) == "firstsecond");
}

// As systemd's vacuum does: the bytes of a file that nothing else links to go at once, also for who
// has it open.
void Vacuum(const fs::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDWR));
  const auto size = static_cast<off_t>(fs::file_size(file));
  const bool was_linked = fs::hard_link_count(file) > 1;
  REQUIRE(::unlink(file.c_str()) == 0);
  if (was_linked) return;
  REQUIRE(::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size) == 0);
}

// Of a crash of this boot.
fs::path SystemdCore(const CrashRig& rig) {
  return rig.systemd() / ("core.app.0.5dd0cf2b8c2f4b0a9d0c5f4a6b7c8d9e.9." +
                          std::to_string(UnixMillis(rig.scheduler.WallNow())) + "000");
}

TEST_CASE("a core that systemd removes while it is taken is whole") {
  CrashRig rig;
  const std::string core = SmallCore(kX86);
  const fs::path file = SystemdCore(rig);
  std::ofstream(file, std::ios::binary) << core;
  rig.memory.on_recall = [&] { Vacuum(file); };
  rig.Wait(61s);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK_FALSE(fs::exists(file));
  CHECK(Unpacked(rig.Bytes(rig.Sealed()[0])) == core);
  CHECK(rig.Sealed()[0].info.missing.empty());
}

// The spool is on another file system than systemd's directory.
std::string TakeWhileVacuumed() {
  CrashRig rig;
  if (!MountPrivateDisk(rig.spool_directory(), "4m")) return "no mount";
  rig.Start();
  const fs::path file = SystemdCore(rig);
  std::ofstream(file, std::ios::binary) << SmallCore(kX86);
  rig.memory.on_recall = [&] { Vacuum(file); };
  rig.Wait(61s);
  const auto all = rig.Sealed();
  return std::to_string(all.size()) + " dump of " + std::to_string(all.at(0).size_bytes) +
         " bytes: " + all[0].info.missing + ", pid " + std::to_string(all[0].info.pid) + ", " +
         std::to_string(rig.spool->counts().dropped["lost_to_vacuum"]) + " dropped";
}

TEST_CASE("where it cannot be held it is lost, and said to be") {
  const std::string report = InChild(TakeWhileVacuumed);
  if (report == "no mount") {
    MESSAGE("SKIPPED: this machine lets nobody mount a tmpfs in a namespace of its own");
    return;
  }
  CHECK(report == "1 dump of 0 bytes: lost_to_vacuum, pid 9, 1 dropped");
}

TEST_CASE("a directory that is not there is said once, and watched when it comes") {
  CrashRig rig;
  fs::remove(rig.drops());
  LogCapture log;
  rig.Wait(5min);
  CHECK(log.Take().size() == 1);
  fs::create_directory(rig.drops());
  rig.Drop("app", "bytes");
  rig.Wait(1s);
  CHECK(rig.Sealed().size() == 1);
}

TEST_CASE("the last lines of the program's log go with its dump") {
  CrashConfig config;
  config.log_command = {"/bin/show", "--of=%p"};
  CrashRig rig(config);
  DumpInfo known;
  known.pid = 4711;
  static_cast<void>(rig.Drop("a.core.info", EncodeDumpInfo(known)));
  static_cast<void>(rig.Drop("a.core", "bytes"));
  rig.Wait(100ms);
  REQUIRE(rig.commands.running());
  const Command& command = rig.commands.commands().front();
  CHECK(command.argv == std::vector<std::string>{"/bin/show", "--of=4711"});
  command.on_output("first\n" + std::string(100'000, 'x'));
  command.on_output("\nlast\n");
  rig.commands.Finish(0);
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 1);
  CHECK(rig.Sealed()[0].info.log_tail == "last\n");
}

TEST_CASE("a dump does not miss a log that nobody can print") {
  CrashConfig config;
  config.log_command = {"/bin/show", "--of=%p"};
  CrashRig rig(config);
  static_cast<void>(rig.Drop("unknown.core", "bytes"));  // Of no known process: nobody is asked.
  rig.Wait(100ms);
  CHECK(rig.Sealed().size() == 1);
  CHECK_FALSE(rig.commands.running());
  DumpInfo known;
  known.pid = 4711;
  static_cast<void>(rig.Drop("a.core.info", EncodeDumpInfo(known)));
  static_cast<void>(rig.Drop("a.core", "other bytes"));
  rig.Wait(100ms);
  REQUIRE(rig.commands.running());
  rig.commands.commands().back().on_output("cannot open");
  rig.commands.Finish(127);
  rig.Wait(100ms);
  REQUIRE(rig.Sealed().size() == 2);
  CHECK(rig.Sealed()[0].info.log_tail.empty());
}

}  // namespace
}  // namespace edgefeed
