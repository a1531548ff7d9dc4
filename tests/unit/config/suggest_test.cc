#include "common/config/suggest.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

std::string Closest(std::string_view name) {
  const std::vector<std::string> known = {"log",           "listen", "max_size",
                                          "max_file_size", "ca",     "cert"};
  return ClosestName(name, known).value_or("-");
}

TEST_CASE("a misspelt name is recognised") {
  CHECK(Closest("max_sise") == "max_size");
  CHECK(Closest("max-size") == "max_size");
  CHECK(Closest("maxSize") == "max_size");
  CHECK(Closest("max_siez") == "max_size");
  CHECK(Closest("Listen") == "listen");
  CHECK(Closest("listne") == "listen");
  CHECK(Closest("lgo") == "log");
  CHECK(Closest("ac") == "ca");
}

TEST_CASE("a name that is far from all is not") {
  CHECK(Closest("") == "-");
  CHECK(Closest("xy") == "-");
  CHECK(Closest("logging") == "-");
  CHECK(Closest("zzzzzzzz") == "-");
  CHECK(Closest(std::string(100'000, 'a')) == "-");
}

}  // namespace
}  // namespace edgefeed
