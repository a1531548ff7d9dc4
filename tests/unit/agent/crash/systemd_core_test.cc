#include "agent/crash/systemd_core.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/xattr.h>

#include "common/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

constexpr const char* kName =
    R"(core.my\x20app\x2e1.1000.5dd0cf2b8c2f4b0a9d0c5f4a6b7c8d9e.1234.1700000000123456.zst)";

TEST_CASE("the name of systemd's file says who crashed, and when") {
  const DumpInfo info = DescribeSystemdCore(kName, -1);
  CHECK(info.command == "my app.1");
  CHECK(info.uid == 1000);
  CHECK(info.boot_id == "5dd0cf2b-8c2f-4b0a-9d0c-5f4a6b7c8d9e");
  CHECK(info.pid == 1234);
  CHECK(info.crashed_at == FromUnixMillis(1'700'000'000'123));
}

TEST_CASE("its attributes say more") {
  const TempDir dir;
  const auto path = dir.Write(kName, "x");
  const UniqueFd fd(::open(path.c_str(), O_RDONLY));
  const auto set = [&](const char* name, const std::string& value) {
    return ::fsetxattr(fd.get(), name, value.data(), value.size(), 0) == 0;
  };
  if (!set("user.coredump.exe", "/usr/bin/my app")) {
    MESSAGE("SKIPPED: this file system has no extended attributes");
    return;
  }
  REQUIRE(set("user.coredump.signal", "11"));
  REQUIRE(set("user.coredump.comm", "app"));
  const DumpInfo info = DescribeSystemdCore(kName, fd.get());
  CHECK(info.executable == "/usr/bin/my app");
  CHECK(info.signal == 11);
  CHECK(info.command == "app");
  CHECK(info.pid == 1234);
}

TEST_CASE("any other name says nothing, and does no harm") {
  for (const char* name : {"", ".", "core", "core.....", "core.a.b.c.d.e", "x.y.z",
                           R"(core.\x.0.1.2.3)", R"(core.\xzz.99999999999.1.2.3)"}) {
    CAPTURE(name);
    CHECK(DescribeSystemdCore(name, -1).boot_id.empty());
  }
}

}  // namespace
}  // namespace edgefeed
