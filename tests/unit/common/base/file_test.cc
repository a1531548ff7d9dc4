#include "common/base/file.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

TEST_CASE("a file is read whole") {
  const TempDir dir;
  const auto path = dir.path() / "file";
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 100'000U}) {
    CAPTURE(size);
    std::ofstream(path) << std::string(size, 'x');
    const auto text = ReadSmallFile(path);
    REQUIRE(text);
    CHECK(*text == std::string(size, 'x'));
  }
}

TEST_CASE("a file that the kernel makes up and calls empty is read whole") {
  const auto text = ReadSmallFile("/proc/self/status");
  REQUIRE(text);
  CHECK(text->find("voluntary_ctxt_switches") != std::string::npos);
}

TEST_CASE("a file over the limit is refused, one at the limit is not") {
  const TempDir dir;
  const auto path = dir.path() / "file";
  std::ofstream(path) << std::string(5000, 'x');

  CHECK(ReadSmallFile(path, 5000));
  const auto refused = ReadSmallFile(path, 4999);

  REQUIRE_FALSE(refused);
  CHECK(refused.error() ==
        Error{Code::kResourceExhausted, path.string() + ": larger than 4999 bytes"});
}

TEST_CASE("a file that cannot be read is an error that names it") {
  const TempDir dir;
  const auto missing = ReadSmallFile(dir.path() / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error() ==
        Error{Code::kNotFound, (dir.path() / "missing").string() + ": No such file or directory"});
  const auto directory = ReadSmallFile(dir.path());
  REQUIRE_FALSE(directory);
  CHECK(directory.error() == Error{Code::kInternal, dir.path().string() + ": Is a directory"});
}

TEST_CASE("only a directory is synced as one") {
  const TempDir dir;
  CHECK(SyncDirectory(dir.path()));
  const Status missing = SyncDirectory(dir.path() / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::kNotFound);
}

}  // namespace
}  // namespace edgefeed
