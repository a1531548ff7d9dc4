// bench-hostile: devices with good certificates that mean harm, until SIGTERM.

#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/support/certificates.h"
#include "bench/support/json_line.h"
#include "common/runtime/signals.h"
#include "tests/hostile/hostile_fleet.h"

namespace edgefeed::bench {
namespace {

struct Options {
  std::string target;
  std::string certificates;
  std::string victim = "bench-00000";
  std::size_t devices = 50;
  std::string misdeed;  // Empty: each in turn.
};

std::size_t MisdeedOf(std::size_t device, const std::string& wanted) {
  if (wanted.empty()) return device % kMisdeeds.size();
  return static_cast<std::size_t>(std::ranges::find(kMisdeeds, wanted, &Misdeed::name) -
                                  kMisdeeds.begin());
}

// What they use of this machine they would use elsewhere: they get what nobody else wants.
void GiveWay() {
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
}

Status Run(const Options& options) {
  GiveWay();  // All threads to come as well.
  std::vector<HostileSpec> specs;
  for (std::size_t i = 0; i < options.devices; ++i) {
    const std::string name = "hostile-" + FiveDigits(i);
    const auto credentials = DeviceCredentials(options.certificates, name);
    if (!credentials) return credentials.error();
    specs.push_back({.target = options.target,
                     .credentials = *credentials,
                     .name = name,
                     .victim = options.victim,
                     .seed = i,
                     .misdeed = MisdeedOf(i, options.misdeed)});
  }
  HostileFleet fleet(specs);
  while (WaitForSignal() != Signal::kTerminate) {
  }
  fleet.Stop();
  JsonLine line;
  for (std::size_t i = 0; i < kMisdeeds.size(); ++i) line.Add(kMisdeeds[i].name, fleet.rounds(i));
  line.Print();
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Plays devices that mean harm against a collector.", "bench-hostile");
  edgefeed::bench::Options options;
  app.add_option("--target", options.target, "Collector, host:port")->required();
  app.add_option("--certificates", options.certificates, "What bench-certificates has made")
      ->required();
  app.add_option("--devices", options.devices, "How many, each with one misdeed")
      ->capture_default_str();
  std::vector<std::string> names;
  names.reserve(edgefeed::kMisdeeds.size());
  for (const edgefeed::Misdeed& misdeed : edgefeed::kMisdeeds) names.emplace_back(misdeed.name);
  app.add_option("--misdeed", options.misdeed, "What all of them do; else each in turn")
      ->check(CLI::IsMember(names));
  app.add_option("--victim", options.victim, "Whom they would harm")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  edgefeed::BlockSignals();
  if (const auto status = edgefeed::bench::Run(options); !status) {
    std::fprintf(stderr, "bench-hostile: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
