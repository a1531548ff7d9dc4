#include "collector/app/verify_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "collector/history/verify.h"

namespace edgefeed {

std::optional<ExitCode> RunVerifyCommand(int argc, const char* const* argv) {
  if (argc < 2 || std::string_view(argv[1]) != "verify") return std::nullopt;
  std::filesystem::path directory = "/var/lib/edgefeed-collector/history";
  CLI::App cli("Checks every file of a history. Reads only; exit status 1 when one is damaged.",
               "edgefeed-collector verify");
  cli.add_option("DIR", directory, "history/ in the collector's data_dir")->capture_default_str();
  try {
    cli.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  if (!std::filesystem::is_directory(directory)) {
    std::cerr << "edgefeed-collector: " << directory.string() << " is no directory\n";
    return kExitFailed;
  }
  const VerifyReport report = VerifyHistory(directory);
  for (const std::string& damage : report.damage) std::cout << damage << '\n';
  std::cout << report.files << " files, " << report.samples << " samples in chunks, "
            << report.log_entries << " entries in the log, " << report.rollups
            << " rows of minutes and hours: "
            << (report.damage.empty() ? "all whole" : "damaged, see above") << '\n';
  return report.damage.empty() ? kExitDone : kExitFailed;
}

}  // namespace edgefeed
