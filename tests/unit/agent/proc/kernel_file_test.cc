#include "agent/proc/kernel_file.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("a file is read from its start each time") {
  const TemporaryDirectory sys;
  sys.Write("temp", "48312\n");
  auto file = KernelFile::Open(sys.path() / "temp");
  REQUIRE(file);
  CHECK(*file->ReadInteger() == 48312);
  sys.Write("temp", "-5\n");
  CHECK(*file->ReadInteger() == -5);
  CHECK(*file->ReadText() == "-5\n");
}

TEST_CASE("a text of any length is read whole") {
  const TemporaryDirectory proc;
  for (const std::size_t size : {0, 1, 4095, 4096, 4097, 100000}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    proc.Write("net", text);
    auto file = KernelFile::Open(proc.path() / "net");
    REQUIRE(file);
    CHECK(*file->ReadText() == text);
    CHECK(*file->ReadText() == text);
  }
}

TEST_CASE("what is no number is an error that names the file") {
  const TemporaryDirectory sys;
  for (const char* text : {"", "\n", "<unknown>\n", "12x", "99999999999999999999"}) {
    CAPTURE(text);
    sys.Write("value", text);
    const auto value = ReadIntegerFile(sys.path() / "value");
    REQUIRE_FALSE(value);
    CHECK(value.error().code == Code::kDataLoss);
    CHECK(value.error().message.find("/value: ") != std::string::npos);
  }
}

TEST_CASE("a file that is not there is NOT_FOUND") {
  const auto file = KernelFile::Open("/nowhere/file");
  REQUIRE_FALSE(file);
  CHECK(file.error().code == Code::kNotFound);
}

}  // namespace edgefeed
