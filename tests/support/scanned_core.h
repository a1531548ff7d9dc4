#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "common/corefile/core_reducer.h"
#include "common/corefile/core_scanner.h"

// A whole core file at once.
namespace edgefeed {

inline CoreSummary Scan(std::string_view core) {
  CoreScanner scanner;
  scanner.Update(core);
  return scanner.Finish();
}

inline std::string Reduce(std::string_view core) {
  CoreReducer reducer;
  std::string out;
  REQUIRE(reducer.Update(core, out));
  REQUIRE(reducer.Finish(out));
  return out;
}

}  // namespace edgefeed
