#include "agent/capture/core_pattern.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

class Kernel {
 public:
  explicit Kernel(const std::string& pattern) {
    fs::create_directory(directory_.path() / "kernel");
    static_cast<void>(directory_.Write("kernel/core_pattern", pattern + "\n"));
    static_cast<void>(directory_.Write("kernel/core_pipe_limit", "0\n"));
  }
  [[nodiscard]] CoreHandlerSwitch Switch() const {
    return CoreHandlerSwitch({.kernel = directory_.path() / "kernel",
                              .saved = directory_.path() / "state" / "saved",
                              .boot = directory_.path() / "etc" / "capture.conf"});
  }
  [[nodiscard]] fs::path boot() const { return directory_.path() / "etc" / "capture.conf"; }
  void Set(const std::string& pattern) const {
    static_cast<void>(directory_.Write("kernel/core_pattern", pattern + "\n"));
  }

 private:
  TempDir directory_;
};

constexpr const char* kProgram = "/usr/bin/edgefeed-agent";
const std::string kOurs = "|/usr/bin/edgefeed-agent capture %P %I %u %s %t";

TEST_CASE("the handler is replaced, at each boot too, and put back") {
  const Kernel kernel("core");
  CoreHandlerSwitch handlers = kernel.Switch();
  CHECK_FALSE(handlers.Saved());
  const auto before = handlers.Install(kProgram, "");
  REQUIRE(before);
  CHECK(*before == CoreHandler{.pattern = "core", .pipe_limit = "0"});
  CHECK(handlers.Current()->pattern == kOurs);
  CHECK(handlers.Saved() == *before);
  std::ifstream file(kernel.boot());
  const std::string boot{std::istreambuf_iterator<char>(file), {}};
  CHECK(boot.find("kernel.core_pattern=" + kOurs + "\n") != std::string::npos);

  // Once more, as after an upgrade: what was saved first stays.
  REQUIRE(handlers.Install(kProgram, ""));
  CHECK(handlers.Saved() == *before);

  REQUIRE(handlers.Uninstall());
  CHECK(*handlers.Current() == *before);
  CHECK_FALSE(handlers.Saved());
  CHECK_FALSE(fs::exists(kernel.boot()));
}

TEST_CASE("what another program has put in our place stays") {
  const Kernel kernel("core");
  CoreHandlerSwitch handlers = kernel.Switch();
  REQUIRE(handlers.Install(kProgram, ""));
  kernel.Set("|/lib/systemd/systemd-coredump %P");
  const auto now = handlers.Uninstall();
  REQUIRE(now);
  CHECK(now->pattern == "|/lib/systemd/systemd-coredump %P");
  CHECK(handlers.Current()->pattern == "|/lib/systemd/systemd-coredump %P");
}

TEST_CASE("a handler that the kernel would cut short is refused, and nothing changes") {
  const Kernel kernel("core");
  CoreHandlerSwitch handlers = kernel.Switch();
  const auto installed = handlers.Install("/opt/" + std::string(100, 'x') + "/edgefeed-agent", "");
  REQUIRE_FALSE(installed);
  CHECK(installed.error().message.find("127 bytes") != std::string::npos);
  CHECK(handlers.Current()->pattern == "core");
  CHECK_FALSE(handlers.Saved());
}

}  // namespace
}  // namespace edgefeed
