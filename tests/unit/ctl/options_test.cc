#include "ctl/options.h"

#include <doctest/doctest.h>

#include "ctl/completion/script.h"

namespace edgefeed {
namespace {

CtlOptions Parsed(const std::vector<std::string>& arguments) {
  const auto parsed = ParseCommandLine(arguments);
  REQUIRE(std::holds_alternative<CtlOptions>(parsed));
  return std::get<CtlOptions>(parsed);
}

EarlyExit Refused(const std::vector<std::string>& arguments) {
  const auto parsed = ParseCommandLine(arguments);
  REQUIRE(std::holds_alternative<EarlyExit>(parsed));
  return std::get<EarlyExit>(parsed);
}

TEST_CASE("options may stand before and after the command") {
  const CtlOptions options = Parsed(
      {"--json", "watch", "cam-01", "--interval", "5s", "--collector", "hub:1", "--count", "3"});
  CHECK(options.json);
  CHECK(options.command == Command::kWatch);
  CHECK(options.watch.device == "cam-01");
  CHECK(options.watch.interval == std::chrono::seconds(5));
  CHECK(options.watch.count == 3);
  CHECK(options.watch.reconnect);
  CHECK(options.collector == Endpoint{"hub", 1});
}

TEST_CASE("a watch is of the whole fleet's headlines, once a second, unless told otherwise") {
  const CtlOptions options = Parsed({"watch"});
  CHECK(options.watch.device == "");
  CHECK(options.watch.interval == std::chrono::seconds(1));
  CHECK(options.watch.detail == SampleDetail::kHeadline);
  CHECK(!options.watch.count);
  CHECK(Parsed({"watch", "--readings"}).watch.detail == SampleDetail::kReadings);
  CHECK(!Parsed({"watch", "--no-reconnect"}).watch.reconnect);
}

TEST_CASE("file names with blanks are file names") {
  CHECK(Parsed({"upload", "my file", "--ca", "my ca"}).upload.file == "my file");
  CHECK(Parsed({"upload", "my file", "--ca", "my ca"}).tls.ca == "my ca");
}

TEST_CASE("alerts, silences and acknowledgements have options of their own") {
  const CtlOptions alerts = Parsed({"alerts", "cam-01", "--severity", "critical"});
  CHECK(alerts.command == Command::kAlerts);
  CHECK(alerts.alerts.device == "cam-01");
  CHECK(alerts.alerts.severity == "critical");
  const CtlOptions add = Parsed(
      {"silence", "add", "device=a", "rule!=B", "--for", "2h", "--comment", "x", "--window", "w"});
  CHECK(add.command == Command::kSilenceAdd);
  CHECK(add.silence.matches == std::vector<std::string>{"device=a", "rule!=B"});
  CHECK(add.silence.lasts == std::chrono::hours(2));
  CHECK(Parsed({"silence", "ls"}).command == Command::kSilenceList);
  CHECK(Parsed({"silence", "rm", "1", "2"}).silence.numbers == std::vector<std::uint64_t>{1, 2});
  CHECK(Parsed({"ack", "3fa2", "--comment", "x"}).acknowledge.alert == "3fa2");
  CHECK(Parsed({"unack", "3fa2"}).command == Command::kUnacknowledge);
}

TEST_CASE("dumps are listed unless one of their commands follows") {
  CHECK(Parsed({"dumps"}).command == Command::kDumps);
  const CtlOptions of_group = Parsed({"dumps", "81c0", "--device", "cam-01"});
  CHECK(of_group.command == Command::kDumps);
  CHECK(of_group.dumps.group == "81c0");
  CHECK(of_group.dumps.device == "cam-01");
  CHECK(Parsed({"dumps", "show", "3fa2"}).command == Command::kDumpsShow);
  const CtlOptions get = Parsed({"dumps", "get", "3fa2", "core"});
  CHECK(get.command == Command::kDumpsGet);
  CHECK(get.dumps.id == "3fa2");
  CHECK(get.dumps.file == "core");
  const CtlOptions remove = Parsed({"dumps", "rm", "3fa2", "81c0"});
  CHECK(remove.command == Command::kDumpsRemove);
  CHECK(remove.dumps.ids == std::vector<std::string>{"3fa2", "81c0"});
}

TEST_CASE("wrong usage is refused with the way to the help") {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"dance"},
      {"devices", "--bogus"},
      {"devices", "extra"},
      {"devices", "snapshot", "x"},
      {"snapshot"},
      {"--collector", "nohost", "devices"},
      {"--timeout", "0s", "devices"},
      {"watch", "--count", "0"},
      {"watch", "--interval", "10"},
      {"watch", "--interval", "25h"},
      {"upload", "-"},
      {"history"},
      {"history", "cam", "--from", "yesterday"},
      {"history", "cam", "--step", "10"},
      {"history", "cam", "--label", "device"},
      {"history", "cam", "--label", "=sda"},
      {"history", "cam", "--csv", "--json"},
      {"completion", "zsh"},
      {"dumps", "--limit", "0"},
      {"dumps", "show"},
      {"dumps", "get", "3fa2"},
      {"dumps", "get", "3fa2", "core", "more"},
      {"dumps", "rm"},
  };
  for (const auto& arguments : wrong) {
    CAPTURE(arguments.size());
    const EarlyExit refused = Refused(arguments);
    CHECK(refused.code == kExitUsage);
    CHECK(refused.text.starts_with("edgefeedctl: "));
    CHECK(refused.text.ends_with("--help)\n"));
  }
}

TEST_CASE("help and version are printed, not failures") {
  CHECK(Refused({"--help"}).code == kExitDone);
  CHECK(Refused({"--help"}).text.find("Examples:") != std::string::npos);
  for (const char* command : {"devices", "snapshot", "watch", "upload", "history", "completion"}) {
    CAPTURE(command);
    const EarlyExit help = Refused({command, "--help"});
    CHECK(help.code == kExitDone);
    CHECK(help.text.find(std::string("\n  edgefeedctl ") + command) != std::string::npos);
  }
  CHECK(Refused({"--version"}).text == "edgefeedctl 0.1.0\n");
}

TEST_CASE("every command and option is completed") {
  const auto words = AllCommandLineWords();
  CHECK(words.size() > 15);
  for (const std::string& word : words) {
    CAPTURE(word);
    CHECK(kBashCompletion.find(word) != std::string_view::npos);
  }
}

}  // namespace
}  // namespace edgefeed
