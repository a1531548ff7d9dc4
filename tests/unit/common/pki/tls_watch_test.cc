#include "common/pki/tls_watch.h"

#include <doctest/doctest.h>

#include <fstream>

#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A watch of files that the test replaces, under a clock that it moves.
struct WatchFixture {
  WatchFixture() {
    first = MakeCertificate(dir.path(), "first");
    second = MakeCertificate(dir.path(), "second");
    RunOpenssl(dir.path(), "x509 -in second.pem -signkey second.key -days 60 -out longer.pem");
    second.cert = dir.path() / "longer.pem";
    // Now that they are made: certificates of the future are not taken.
    scheduler.clock().StepWall(SystemClock().Wall() - scheduler.WallNow());
    files = {
        .ca = dir.path() / "ca.pem", .cert = dir.path() / "own.pem", .key = dir.path() / "own.key"};
    Put(files.ca, Read(first.cert));
    Put(files.cert, Read(first.cert));
    Put(files.key, Read(first.key));
    auto opened = TlsWatch::Open(scheduler, files, "tls");
    REQUIRE(opened);
    watch = *std::move(opened);
    watch->OnRenewed([this](const TlsMaterial& /*in_use*/) { ++renewed; });
    watch->OnRefused([this] { ++refused; });
    watch->Start();
    (void)log.Take();  // That two days are not long.
  }

  static std::string Read(const std::filesystem::path& file) { return *ReadSmallFile(file); }
  // As good tools do: what is there is never half of it.
  static void Put(const std::filesystem::path& file, const std::string& text) {
    REQUIRE(ReplaceFile(file, text));
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  // As bad ones do.
  static void Overwrite(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file) << text;
  }
  [[nodiscard]] std::string Shown() const {
    const auto pem = watch->shared()->Get();
    CHECK(*pem == watch->in_use().pem);
    if (pem->cert == Read(first.cert) && pem->key == Read(first.key)) return "first";
    return pem->cert == Read(second.cert) && pem->key == Read(second.key) ? "second" : "neither";
  }
  void UseSecond() const {
    Put(files.cert, Read(second.cert));
    Put(files.key, Read(second.key));
  }

  TempDir dir;
  TlsFiles first;
  TlsFiles second;
  TlsFiles files;
  int renewed = 0;
  int refused = 0;
  LogCapture log;
  ManualScheduler scheduler;
  std::unique_ptr<TlsWatch> watch;
};

TEST_CASE_FIXTURE(WatchFixture, "files that were replaced are in use within 10 s") {
  scheduler.Advance(1h);
  CHECK(log.Take().empty());
  UseSecond();
  scheduler.Advance(10s);
  CHECK(Shown() == "second");
  CHECK(renewed == 1);
  scheduler.Advance(1h);
  CHECK(renewed == 1);
  CHECK(refused == 0);
  CHECK(log.Take() == Lines{"info tls: new certificates or keys are in use for new connections"});
}

TEST_CASE_FIXTURE(WatchFixture, "a certificate and its key may come one after the other") {
  Put(files.cert, Read(second.cert));
  scheduler.Advance(6s);  // Seen, but not for long enough.
  Put(files.key, Read(second.key));
  scheduler.Advance(10s);
  CHECK(Shown() == "second");
  CHECK(refused == 0);
}

TEST_CASE_FIXTURE(WatchFixture, "what cannot be used changes nothing, and is told of once") {
  struct Case {
    std::filesystem::path file;
    std::string content;
    std::string why;
  };
  const std::string good = Read(second.cert);
  for (const auto& [file, content, why] : std::vector<Case>{
           {files.cert, "", files.cert.string() + ": is empty"},
           {files.cert, good.substr(0, good.size() / 2),
            files.cert.string() + ": certificate 1 of 1 is cut short or damaged"},
           {files.cert, "junk", files.cert.string() + ": holds no PEM certificate"},
           {files.cert, good,
            files.key.string() + ": is not the private key of " + files.cert.string()},
           {files.key, "junk",
            files.key.string() + ": holds no PEM private key without passphrase"},
           {files.ca, good.substr(0, 100),
            files.ca.string() + ": certificate 1 of 1 is cut short or damaged"}}) {
    CAPTURE(why);
    const std::string before = Read(file);
    refused = 0;
    Overwrite(file, content);
    scheduler.Advance(1min);
    CHECK(Shown() == "first");
    CHECK(refused == 1);
    CHECK(log.Take() == Lines{"warning tls: " + why + "; what was read before stays in use"});
    Overwrite(file, before);
    scheduler.Advance(10s);
    CHECK(log.Take().empty());
  }
  CHECK(renewed == 0);
  UseSecond();
  scheduler.Advance(10s);
  CHECK(Shown() == "second");
}

TEST_CASE_FIXTURE(WatchFixture, "a file that is gone changes nothing") {
  std::filesystem::remove(files.key);
  scheduler.Advance(10s);
  CHECK(Shown() == "first");
  CHECK(log.Take() == Lines{"warning tls: " + files.key.string() +
                            ": No such file or directory; what was read before stays in use"});
}

TEST_CASE_FIXTURE(WatchFixture,
                  "files that are written to for long are let alone until they rest") {
  for (int i = 0; i < 10; ++i) {
    Overwrite(files.cert, std::string(static_cast<std::size_t>(i), 'x'));
    scheduler.Advance(5s);
  }
  CHECK(refused == 0);
  UseSecond();
  scheduler.Advance(10s);
  CHECK(Shown() == "second");
}

TEST_CASE_FIXTURE(WatchFixture, "who says that they are ready is not made to wait") {
  UseSecond();
  watch->LookNow();
  CHECK(Shown() == "second");
  CHECK(renewed == 1);
}

TEST_CASE_FIXTURE(WatchFixture, "the same in a new file is nothing new") {
  Put(files.cert, Read(files.cert));
  scheduler.Advance(10s);
  CHECK(renewed == 0);
  CHECK(log.Take().empty());
}

TEST_CASE_FIXTURE(WatchFixture, "one that has expired is refused, one of tomorrow used tomorrow") {
  scheduler.clock().StepWall(61 * 24h);
  UseSecond();
  scheduler.Advance(10s);
  CHECK(Shown() == "first");
  scheduler.clock().StepWall(-66 * 24h);
  scheduler.Advance(10s);
  CHECK(Shown() == "first");
  scheduler.clock().StepWall(5 * 24h);
  scheduler.Advance(10s);
  CHECK(Shown() == "second");
  CHECK(refused == 2);
}

TEST_CASE_FIXTURE(WatchFixture, "that a certificate in use ends is told") {
  scheduler.Advance(48h);
  CHECK(log.Take() ==
        Lines{"warning tls: " + files.cert.string() + " expires in 23 hours: renew it",
              "warning tls: " + files.ca.string() + " expires in 23 hours: renew it",
              "error tls: " + files.cert.string() + " has expired: renew it",
              "error tls: " + files.ca.string() + " has expired: renew it"});
}

TEST_CASE("files that cannot be used at the beginning are an error") {
  const TempDir dir;
  ManualScheduler scheduler;
  const auto opened =
      TlsWatch::Open(scheduler, {.ca = dir.path() / "ca.pem", .cert = {}, .key = {}}, "tls");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message ==
        "tls: " + (dir.path() / "ca.pem").string() + ": No such file or directory");
}

}  // namespace
}  // namespace edgefeed
