#include "collector/inspect/inspect_dump.h"

#include <doctest/doctest.h>
#include <elf.h>
#include <fcntl.h>

#include <chrono>
#include <filesystem>

#include "common/base/unique_fd.h"
#include "tests/support/core_builder.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

TEST_CASE("a dump that takes too long to read tells what was read, and is not said to be cut") {
  const TempDir stored;
  const auto dump = stored.Write("long", SmallCore(EM_X86_64));
  std::filesystem::resize_file(dump, std::uintmax_t{1} << 40);
  const UniqueFd fd(::open(dump.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(fd.valid());
  // A moment is over when the first piece is read. Without it, the sandbox kills after 10 s.
  const auto info = InspectDump(fd.get(), {}, std::chrono::nanoseconds(1));
  REQUIRE(info);
  CHECK(info->threads.size() == 2);
  CHECK_FALSE(info->truncated);
}

}  // namespace
}  // namespace edgefeed
