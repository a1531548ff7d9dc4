#include "ctl/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>

#include "common/base/text.h"
#include "common/base/units.h"
#include "ctl/help_text.h"

namespace edgefeed {
namespace {

// Our parsers as CLI11's: an error text, or an empty string.
template <typename Parse, typename Target>
std::function<std::string(const std::string&)> Into(Parse parse, Target& target) {
  return [parse, &target](const std::string& text) -> std::string {
    auto value = parse(text);
    if (!value) return value.error().message;
    target = *value;
    return {};
  };
}

Result<std::chrono::milliseconds> ParseWait(std::string_view text) {
  constexpr std::chrono::milliseconds kMost = std::chrono::hours(24);
  auto wait = ParseDuration(text);
  if (wait && (wait->count() == 0 || *wait > kMost)) {
    return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not between 1ms and 24h"};
  }
  return wait;
}

// How long certificates may be good.
Result<std::chrono::milliseconds> ParseLife(std::string_view text) {
  constexpr std::chrono::milliseconds kMost = std::chrono::days(7300);
  auto life = ParseDuration(text);
  if (life && (*life < std::chrono::minutes(1) || *life > kMost)) {
    return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not between 1m and 7300d"};
  }
  return life;
}

Result<std::chrono::milliseconds> ParseTokenLife(std::string_view text) {
  constexpr std::chrono::milliseconds kMost = std::chrono::hours(366 * 24);
  auto life = ParseDuration(text);
  if (life && (life->count() == 0 || *life > kMost)) {
    return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not between 1ms and 366d"};
  }
  return life;
}

Result<Role> ParsePersonRole(std::string_view text) {
  const auto role = RoleFrom(text);
  if (role && *role != Role::kDevice) return *role;
  return Error{Code::kInvalidArgument,
               "'" + std::string(text) + "' is not viewer, operator or admin"};
}

Result<std::uint64_t> ParseCount(std::string_view text) {
  const auto count = ParseNumber<std::uint64_t>(text);
  if (count && *count > 0) return *count;
  return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not a number from 1"};
}

template <typename Parse, typename Target>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, Parse parse, Target& target,
                       const std::string& help) {
  auto check = Into(parse, target);
  return app.add_option(name, help)
      ->check(CLI::Validator([check](std::string& text) { return check(text); }, std::string()));
}

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
    AddDevices();
    AddSnapshot();
    AddWatch();
    AddUpload();
    AddHistory();
    AddBackup();
    AddVerify();
    AddDumps();
    AddRules();
    AddAlerts();
    AddSilence();
    AddAcknowledge();
    AddCa();
    AddToken();
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
    AddParsed(app_, "--timeout", ParseWait, options_.timeout,
              "Longest wait for an answer (default 10s)")
        ->type_name("DURATION");
    app_.add_flag("--check", options_.check, "Check options and configuration, and exit");
  }

  CLI::App* AddCommand(Command command, const char* name, const char* help, const char* examples) {
    CLI::App* added = app_.add_subcommand(name, help);
    added->footer(examples);
    added->group("Commands");
    added->callback([this, command] { options_.command = command; });
    return added;
  }

  void AddDevices() {
    CLI::App* devices =
        AddCommand(Command::kDevices, "devices", "List the devices of the fleet", kDevicesExamples);
    devices->add_flag("--names", options_.names_only, "Names only, one a line");
  }

  void AddSnapshot() {
    CLI::App* snapshot =
        AddCommand(Command::kSnapshot, "snapshot", "Show everything in a device's newest sample",
                   kSnapshotExamples);
    snapshot->add_option("NAME", options_.device, "The device")->required()->type_name(" ");
  }

  void AddWatch() {
    CLI::App* watch = AddCommand(Command::kWatch, "watch", "Follow one device or the whole fleet",
                                 kWatchExamples);
    watch->add_option("NAME", options_.watch.device, "The device (default: the whole fleet)")
        ->type_name(" ");
    AddParsed(*watch, "--interval", ParseWait, options_.watch.interval,
              "Shortest time between two updates of a device (default 1s, at least 500ms)")
        ->type_name("DURATION");
    watch->add_flag_callback(
        "--readings", [this] { options_.watch.detail = SampleDetail::kReadings; },
        "Everything in each sample, not only CPU and memory");
    AddParsed(*watch, "--count", ParseCount, options_.watch.count, "End after this many updates")
        ->type_name("N");
    watch->add_flag_callback(
        "--no-reconnect", [this] { options_.watch.reconnect = false; },
        "Fail when the collector goes away");
  }

  void AddUpload() {
    CLI::App* upload =
        AddCommand(Command::kUpload, "upload", "Send a file to the collector", kUploadExamples);
    upload->add_option("FILE", options_.upload.file, "The file; - for standard input")
        ->required()
        ->type_name(" ");
    upload->add_option("--name", options_.upload.name, "Its name there (default: its name here)")
        ->type_name("NAME");
  }

  void AddHistory() {
    CLI::App* history = AddCommand(Command::kHistory, "history",
                                   "Show what a device measured in the past", kHistoryExamples);
    HistoryOptions& options = options_.history;
    history->add_option("NAME", options.device, "The device")->required()->type_name(" ");
    history->add_option("--metric", options.metric, "What it measured (default cpu_usage)")
        ->type_name("METRIC");
    history->add_option("--label", labels_, "Only series that have this label; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    AddParsed(*history, "--from", ParseTime, options.from, "Where to begin (default -1h)")
        ->type_name("TIME");
    AddParsed(*history, "--to", ParseTime, options.to, "Where to end (default now)")
        ->type_name("TIME");
    AddParsed(*history, "--step", ParseDuration, options.step,
              "One value for each of this length; 0s for every sample (default: what a plot can "
              "show, and every sample elsewhere)")
        ->type_name("DURATION");
    history->add_flag("--csv", options.csv, "Print comma-separated values under a header");
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

  void AddBackup() {
    CLI::App* backup = AddCommand(Command::kBackup, "backup",
                                  "Copy everything the collector has stored", kBackupExamples);
    backup->add_option("DIR", options_.backup_directory, "Where to, on this host: new or empty")
        ->required()
        ->type_name(" ");
  }

  void AddVerify() {
    CLI::App* verify = AddCommand(Command::kVerify, "verify",
                                  "Check the files of a history or an outbox", kVerifyExamples);
    verify
        ->add_option("PATH", options_.verify_paths,
                     "A collector's data_dir, a backup, an agent's state_dir or a .seg file")
        ->required()
        ->type_name(" ");
  }

  void AddDumps() {
    DumpsOptions& options = options_.dumps;
    CLI::App* dumps = AddCommand(Command::kDumps, "dumps",
                                 "Show what crashed, and fetch the dumps of it", kDumpsExamples);
    dumps->add_option("GROUP", options.group, "Only this group of crashes (default: all)")
        ->type_name(" ");
    dumps->add_option("--device", options.device, "Only crashes of this device")->type_name("NAME");
    AddParsed(*dumps, "--limit", ParseCount, options.limit,
              "At most so many groups, and so many dumps (default 20)")
        ->type_name("N");
    dumps->require_subcommand(0, 1);
    dumps->callback([this, dumps] {  // Runs after that of a command of its own.
      if (dumps->get_subcommands().empty()) options_.command = Command::kDumps;
    });
    dumps->get_formatter()->label("SUBCOMMAND", "COMMAND");
    AddOneDump(*dumps, Command::kDumpsShow, "show", "Everything known of a dump");
    CLI::App* get = AddOneDump(*dumps, Command::kDumpsGet, "get",
                               "Fetch a dump; goes on where an earlier try ended");
    get->add_option("FILE", options.file, "Where to; as it is stored if this ends in .zst")
        ->required()
        ->type_name(" ");
    CLI::App* remove = AddCommandOf(*dumps, Command::kDumpsRemove, "rm",
                                    "Remove dumps, or groups with their dumps, for good");
    remove->add_option("ID", options.ids, "Dumps or groups")->required()->type_name(" ");
  }

  CLI::App* AddCommandOf(CLI::App& parent, Command command, const char* name, const char* help) {
    CLI::App* added = parent.add_subcommand(name, help);
    added->group("Commands");
    added->callback([this, command] { options_.command = command; });
    return added;
  }

  CLI::App* AddOneDump(CLI::App& dumps, Command command, const char* name, const char* help) {
    CLI::App* added = AddCommandOf(dumps, command, name, help);
    added->add_option("ID", options_.dumps.id, "The dump; its first digits are enough")
        ->required()
        ->type_name(" ");
    return added;
  }

  void AddRules() {
    RulesOptions& options = options_.rules;
    CLI::App* rules = app_.add_subcommand("rules", "Check, test and try out alert rules");
    rules->group("Commands");
    rules->footer(kRulesExamples);
    rules->require_subcommand(1);
    rules->get_formatter()->label("SUBCOMMAND", "COMMAND");
    CLI::App* check = AddCommandOf(*rules, Command::kRulesCheck, "check",
                                   "Say whether files of rules are good, and what is in them");
    check->add_option("FILE", options.files, "A collector.yaml, or a file of a rules.d")
        ->required()
        ->type_name(" ");
    CLI::App* test = AddCommandOf(*rules, Command::kRulesTest, "test",
                                  "Run tests of rules: values, and the alerts to expect");
    test->add_option("FILE", options.files, "A file of tests")->required()->type_name(" ");
    CLI::App* replay = AddCommandOf(*rules, Command::kRulesReplay, "replay",
                                    "Say what would have fired on stored history");
    replay->add_option("FILE", options.replay_file, "A collector.yaml, or a file of a rules.d")
        ->required()
        ->type_name(" ");
    replay->add_option("DEVICE", options.devices, "Only these devices (default: all)")
        ->type_name(" ");
    AddParsed(*replay, "--from", ParseTime, options.from, "Where to begin (default -1d)")
        ->type_name("TIME");
    AddParsed(*replay, "--to", ParseTime, options.to, "Where to end (default now)")
        ->type_name("TIME");
    CLI::App* explain =
        AddCommandOf(*rules, Command::kRulesExplain, "explain",
                     "Say what a rule is on a device, and which override has said what");
    explain->add_option("DEVICE", options.device, "The device")->required()->type_name(" ");
    explain->add_option("RULE", options.rule, "The rule's name")->required()->type_name(" ");
    explain->add_option("--file", options.file, "Where it stands")
        ->type_name("FILE")
        ->capture_default_str();
  }

  void AddAlerts() {
    AlertsOptions& options = options_.alerts;
    CLI::App* alerts =
        AddCommand(Command::kAlerts, "alerts", "Show the alerts that fire", kAlertsExamples);
    alerts->add_option("DEVICE", options.device, "Only of this device (default: all)")
        ->type_name(" ");
    alerts->add_option("--severity", options.severity, "Only of this severity or worse")
        ->type_name("SEVERITY");
    alerts->add_flag("--watch", options.watch, "Go on: a line for each that changes");
    alerts->add_flag("--history", options.history, "What became of alerts, newest first");
    alerts->add_option("--rule", options.rule, "With --history: only of this rule")
        ->type_name("RULE");
    AddParsed(*alerts, "--from", ParseTime, options.from,
              "With --history: where to begin (default -1d)")
        ->type_name("TIME");
    AddParsed(*alerts, "--to", ParseTime, options.to, "With --history: where to end (default now)")
        ->type_name("TIME");
    AddParsed(*alerts, "--limit", ParseCount, options.limit,
              "With --history: at most so many (default 100)")
        ->type_name("N");
  }

  void AddSilence() {
    SilenceOptions& options = options_.silence;
    CLI::App* silence = app_.add_subcommand("silence", "Have operators not told of some alerts");
    silence->footer(kSilenceExamples);
    silence->group("Commands");
    silence->require_subcommand(1);
    silence->get_formatter()->label("SUBCOMMAND", "COMMAND");
    CLI::App* add = AddCommandOf(*silence, Command::kSilenceAdd, "add", "Begin a silence");
    add->footer(kSilenceExamples);
    add->add_option("MATCH", options.matches,
                    "Which alerts: FIELD=VALUE, FIELD!=VALUE, FIELD=~GLOB")
        ->required()
        ->type_name(" ");
    AddParsed(*add, "--for", ParseDuration, options.lasts, "How long, up to 365d")
        ->required()
        ->type_name("DURATION");
    add->add_option("--comment", options.comment, "Why")->required()->type_name("TEXT");
    add->add_option("--author", options.author, "Who (default: $USER)")->type_name("NAME");
    add->add_option("--window", options.window,
                    "Only then, as \"Mon-Fri 22:00-06:00 +01:00\" (default: always)")
        ->type_name("WINDOW");
    AddCommandOf(*silence, Command::kSilenceList, "ls",
                 "List them, with those that ended in the last five days");
    CLI::App* remove = AddCommandOf(*silence, Command::kSilenceRemove, "rm", "End silences");
    remove->add_option("NUMBER", options.numbers, "The silences")->required()->type_name(" ");
  }

  void AddAcknowledge() {
    AcknowledgeOptions& options = options_.acknowledge;
    CLI::App* acknowledge =
        AddCommand(Command::kAcknowledge, "ack", "Say that somebody looks after an alert",
                   kAcknowledgeExamples);
    constexpr const char* kAlert = "Its id, whose first digits are enough, or DEVICE/RULE";
    acknowledge->add_option("ALERT", options.alert, kAlert)->required()->type_name(" ");
    acknowledge->add_option("--comment", options.comment, "What for")->type_name("TEXT");
    acknowledge->add_option("--author", options.author, "Who (default: $USER)")->type_name("NAME");
    AddParsed(*acknowledge, "--for", ParseWait, options.lasts,
              "How long, up to 24h (default: until it resolves)")
        ->type_name("DURATION");
    CLI::App* unacknowledge = AddCommand(Command::kUnacknowledge, "unack",
                                         "Take an acknowledgement back", kAcknowledgeExamples);
    unacknowledge->add_option("ALERT", options.alert, kAlert)->required()->type_name(" ");
  }

  CLI::App* AddCaCommand(CLI::App& parent, Command command, const char* name, const char* help) {
    CLI::App* added = AddCommandOf(parent, command, name, help);
    added->footer(kCaExamples);
    added
        ->add_option("--dir", options_.authority.directory,
                     "Where the CA is (default ~/.config/edgefeed/ca)")
        ->type_name("DIR");
    return added;
  }

  void AddLasts(CLI::App& command, const char* help) {
    AddParsed(command, "--lasts", ParseLife, options_.authority.lasts, help)->type_name("DURATION");
  }

  void AddCa() {
    CaOptions& options = options_.authority;
    CLI::App* authority =
        app_.add_subcommand("ca", "Make certificates for a fleet, as its own authority");
    authority->footer(kCaExamples);
    authority->group("Commands");
    authority->require_subcommand(1);
    authority->get_formatter()->label("SUBCOMMAND", "COMMAND");
    CLI::App* init = AddCaCommand(*authority, Command::kCaInit, "init", "Make the authority");
    init->add_option("--name", options.name, "What it is called (default: Edgefeed CA, numbered)")
        ->type_name("NAME");
    AddLasts(*init, "How long it is good, up to 7300d (default 3650d)");
    CLI::App* issue = AddCaCommand(*authority, Command::kCaIssue, "issue",
                                   "Make a key and a certificate, ready to be copied");
    issue->add_option("KIND", options.kind, "device, collector, viewer, operator or admin")
        ->required()
        ->type_name(" ");
    issue->add_option("NAME", options.names, "Its name; of a collector its hosts and addresses")
        ->required()
        ->type_name(" ");
    AddLasts(*issue, "How long it is good, up to 7300d (default 90d)");
    issue->add_option("--out", options.out, "Where its files go: new (default KIND-NAME)")
        ->type_name("DIR");
    issue
        ->add_option("--request", options.request,
                     "A certificate request (PEM): certify its key, make none")
        ->type_name("FILE");
    constexpr const char* kWhich = "A name, KIND/NAME or a serial number";
    CLI::App* revoke = AddCaCommand(*authority, Command::kCaRevoke, "revoke",
                                    "Have certificates refused from now on");
    revoke->add_option("NAME", options.which, kWhich)->required()->type_name(" ");
    CLI::App* renew = AddCaCommand(*authority, Command::kCaRenew, "renew",
                                   "Make a new certificate for the key that somebody has");
    renew->add_option("NAME", options.which, kWhich)->required()->type_name(" ");
    AddLasts(*renew, "How long it is good, up to 7300d (default 90d)");
    renew->add_option("--out", options.out, "Where it goes, over the old one (default KIND-NAME)")
        ->type_name("DIR");
    AddCaCommand(*authority, Command::kCaList, "ls",
                 "List what was issued, what expires next first");
  }

  void AddToken() {
    TokenOptions& options = options_.token;
    CLI::App* token =
        app_.add_subcommand("token", "Make and take away tokens, on the collector's host");
    token->footer(kTokenExamples);
    token->group("Commands");
    token->require_subcommand(1);
    token->get_formatter()->label("SUBCOMMAND", "COMMAND");
    CLI::App* add = AddCommandOf(*token, Command::kTokenNew, "new", "Make one, and print it once");
    AddParsed(*add, "--role", ParsePersonRole, options.role, "viewer, operator or admin")
        ->required()
        ->type_name("ROLE");
    AddParsed(*add, "--lasts", ParseTokenLife, options.lasts, "How long, up to 366d (default 90d)")
        ->type_name("DURATION");
    CLI::App* list = AddCommandOf(*token, Command::kTokenList, "ls", "List them");
    CLI::App* remove = AddCommandOf(*token, Command::kTokenRemove, "rm", "Take one away");
    for (CLI::App* named : {add, remove}) {
      named->add_option("NAME", options.name, "Whose")->required()->type_name(" ");
    }
    for (CLI::App* any : {add, list, remove}) {
      any->add_option("--file", options.file, "The collector's operators.tokens")
          ->type_name("FILE")
          ->capture_default_str();
    }
  }

  void AddCompletion() {
    CLI::App* completion =
        AddCommand(Command::kCompletion, "completion",
                   "Print a script that completes command lines", kCompletionExamples);
    completion->add_option("SHELL", shell_, "bash")->required()->type_name(" ")->check(IsShell());
  }

  CtlOptions options_;
  std::string shell_;
  std::vector<std::string> labels_;
  CLI::App app_{"Operates an Edgefeed collector.", "edgefeedctl"};
};

}  // namespace

std::variant<CtlOptions, EarlyExit> ParseCommandLine(const std::vector<std::string>& arguments) {
  return CommandLine().Parse(arguments);
}

std::vector<std::string> AllCommandLineWords() { return CommandLine().Words(); }

}  // namespace edgefeed
