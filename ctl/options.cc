#include "ctl/options.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "ctl/commandline/command_adder.h"
#include "ctl/commandline/option_values.h"
#include "ctl/help_text.h"

namespace edgefeed {
namespace {

CLI::Validator IsShell() {
  return {[](const std::string& shell) {
            return shell == "bash" ? "" : "'" + shell + "' is not bash, the only shell known";
          },
          std::string()};
}

// Builds the parser; parsing fills `options`.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    app_.footer(kExamples);
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.set_help_flag("-h,--help", "Print this help, or a command's, and exit");
    app_.set_version_flag("--version", "edgefeedctl " EDGEFEED_VERSION,
                          "Print the version and exit");
    AddGlobalOptions();
    AddFleetCommands(adder_);
    AddDumpCommands(adder_);
    AddAlertCommands(adder_);
    AddTrustCommands(adder_);
    AddCompletion();
  }

  std::variant<CtlOptions, EarlyExit> Parse(const std::vector<std::string>& arguments) {
    try {
      app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
      return EarlyExit{kExitDone, app_.help()};
    } catch (const CLI::CallForVersion& version) {
      return EarlyExit{kExitDone, std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
      return Usage(error.what());
    }
    if (options_.command == Command::kNone && !options_.check) return Usage("a command is missing");
    if (options_.upload.file == "-" && options_.upload.name.empty()) {
      return Usage("standard input has no name of its own: --name is required");
    }
    if (options_.command != Command::kDumps && !options_.dumps.group.empty()) {
      return Usage("'" + options_.dumps.group + "' was not expected");
    }
    if (options_.alerts.watch && options_.alerts.history) {
      return Usage("--watch and --history exclude each other");
    }
    return ParseHistory();
  }

  std::vector<std::string> Words() const {
    std::vector<std::string> words;
    AppendWords(app_, words);
    return words;
  }

 private:
  static void AppendWords(const CLI::App& app, std::vector<std::string>& words) {
    AppendOptions(app, words);
    for (const CLI::App* command : app.get_subcommands({})) {
      words.push_back(command->get_name());
      AppendWords(*command, words);
    }
  }

  static void AppendOptions(const CLI::App& app, std::vector<std::string>& words) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }

  EarlyExit Usage(const std::string& what) const {
    std::string help;
    for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands()[0];
      help += " " + app->get_name();
    }
    return {kExitUsage, "edgefeedctl: " + what + " (see edgefeedctl" + help + " --help)\n"};
  }

  void AddGlobalOptions() {
    AddParsed(app_, "--collector", ParseEndpoint, options_.collector,
              "Where the collector is (default localhost:50051)")
        ->type_name("HOST:PORT");
    app_.add_option("--config", options_.config_file, "Configuration file")->type_name("FILE");
    app_.add_option("--ca", options_.tls.ca, "Use TLS; believe certificates signed by this one")
        ->type_name("FILE");
    app_.add_option("--cert", options_.tls.cert, "Own certificate, if the collector asks for one")
        ->type_name("FILE");
    app_.add_option("--key", options_.tls.key, "Private key of --cert")->type_name("FILE");
    app_.add_option("--token", options_.token_file, "File of the token that says who you are")
        ->type_name("FILE");
    app_.add_flag("--allow-plaintext", options_.allow_plaintext,
                  "Without TLS to another host: anyone on the way can read and change everything");
    app_.add_flag("--json", options_.json,
                  "Print one JSON object a line: the proto's fields, 64-bit integers as strings");
    AddParsed(app_, "--timeout", ShortDuration(), options_.timeout,
              "Longest wait for an answer (default 10s)")
        ->type_name("DURATION");
    app_.add_flag("--check", options_.check, "Check options and configuration, and exit");
  }

  void AddCompletion() {
    CLI::App* completion =
        adder_.Add(Command::kCompletion, "completion",
                   "Print a script that completes command lines", kCompletionExamples);
    completion->add_option("SHELL", shell_, "bash")->required()->type_name(" ")->check(IsShell());
  }

  // What concerns several options of it.
  std::variant<CtlOptions, EarlyExit> ParseHistory() {
    HistoryOptions& history = options_.history;
    if (history.csv && options_.json) return Usage("--csv and --json exclude each other");
    for (const std::string& text : labels_) {
      const auto equals = text.find('=');
      if (equals == std::string::npos || equals == 0) {
        return Usage("--label: '" + text + "' is not NAME=VALUE");
      }
      history.labels.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
    return options_;
  }

  CtlOptions options_;
  std::string shell_;
  std::vector<std::string> labels_;
  CLI::App app_{"Operates an Edgefeed collector.", "edgefeedctl"};
  CommandAdder adder_{.app = app_, .options = options_, .labels = labels_};
};

}  // namespace

std::variant<CtlOptions, EarlyExit> ParseCommandLine(const std::vector<std::string>& arguments) {
  return CommandLine().Parse(arguments);
}

std::vector<std::string> AllCommandLineWords() { return CommandLine().Words(); }

}  // namespace edgefeed
