#include "common/runtime/memory.h"

#include <doctest/doctest.h>
#include <link.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace edgefeed {
namespace {

struct Text {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

int FindText(dl_phdr_info* object, std::size_t, void* found) {
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    *static_cast<Text*>(found) = {begin, begin + segment.p_memsz};
  }
  return 1;
}

std::size_t ResidentKib(const Text& text) {
  std::ifstream maps("/proc/self/smaps");
  std::string word;
  std::uintptr_t begin = 0;
  for (std::string line; std::getline(maps, line);) {
    if (const auto dash = line.find('-'); dash != std::string::npos && line.find(':') > dash)
      begin = std::stoull(line.substr(0, dash), nullptr, 16);
    if (line.starts_with("Rss:") && begin <= text.begin && text.begin < begin + 4096)
      return std::stoul(line.substr(4));
  }
  FAIL("the program's text is not in /proc/self/smaps");
  return 0;
}

TEST_CASE("the pages of the program's code are given back, and come back when they are needed" *
          doctest::test_suite("real_kernel")) {
  Text text;
  ::dl_iterate_phdr(FindText, &text);
  REQUIRE(text.end > text.begin);
  unsigned sum = 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the loader tells where it is.
  for (std::uintptr_t page = text.begin; page < text.end; page += 4096)
    sum += *reinterpret_cast<const volatile unsigned char*>(page);
  CHECK(sum > 0);
  const std::size_t all = ResidentKib(text);
  CHECK(all * 1024 > (text.end - text.begin) / 2);

  ReturnUnusedMemory();

  CHECK(ResidentKib(text) < all / 2);
}

}  // namespace
}  // namespace edgefeed
