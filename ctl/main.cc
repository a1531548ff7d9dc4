#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "ctl/rpc/grpc_client.h"
#include "ctl/run.h"

namespace edgefeed {
namespace {

int Main(int argc, char** argv) {
  const Environment environment = ProcessEnvironment();
  const Preferences preferences = ReadPreferences(environment);
  const bool out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  Console console{
      .out = std::cout,
      .err = std::cerr,
      .out_is_terminal = out_is_terminal && preferences.has_smart_terminal,
      .err_is_terminal = ::isatty(STDERR_FILENO) == 1 && preferences.has_smart_terminal,
      .colour = out_is_terminal && preferences.wants_colour ? Colour::kAnsi : Colour::kNone,
      .glyphs = preferences.speaks_utf8 ? Glyphs::kUnicode : Glyphs::kAscii};
  const SystemClock clock;
  const MakeClient make_client = MakeGrpcClient;
  return RunCtl(std::vector<std::string>(argv + 1, argv + argc),
                {environment, clock, make_client, console});
}

}  // namespace
}  // namespace edgefeed

int main(int argc, char** argv) { return edgefeed::Main(argc, argv); }
