#include "ctl/commandline/command_adder.h"
#include "ctl/commandline/option_values.h"
#include "ctl/help_text.h"

namespace edgefeed {
namespace {

void AddRules(CommandAdder& commands) {
  RulesOptions& options = commands.options.rules;
  CLI::App* rules =
      commands.AddGroup("rules", "Check, test and try out alert rules", kRulesExamples);
  CLI::App* check = commands.AddTo(*rules, Command::kRulesCheck, "check",
                                   "Say whether files of rules are good, and what is in them");
  check->add_option("FILE", options.files, "A collector.yaml, or a file of a rules.d")
      ->required()
      ->type_name(" ");
  CLI::App* test = commands.AddTo(*rules, Command::kRulesTest, "test",
                                  "Run tests of rules: values, and the alerts to expect");
  test->add_option("FILE", options.files, "A file of tests")->required()->type_name(" ");
  CLI::App* replay = commands.AddTo(*rules, Command::kRulesReplay, "replay",
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
      commands.AddTo(*rules, Command::kRulesExplain, "explain",
                     "Say what a rule is on a device, and which override has said what");
  explain->add_option("DEVICE", options.device, "The device")->required()->type_name(" ");
  explain->add_option("RULE", options.rule, "The rule's name")->required()->type_name(" ");
  explain->add_option("--file", options.file, "Where it stands")
      ->type_name("FILE")
      ->capture_default_str();
}

void AddAlerts(CommandAdder& commands) {
  AlertsOptions& options = commands.options.alerts;
  CLI::App* alerts =
      commands.Add(Command::kAlerts, "alerts", "Show the alerts that fire", kAlertsExamples);
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

void AddSilence(CommandAdder& commands) {
  SilenceOptions& options = commands.options.silence;
  CLI::App* silence =
      commands.AddGroup("silence", "Have operators not told of some alerts", kSilenceExamples);
  CLI::App* add = commands.AddTo(*silence, Command::kSilenceAdd, "add", "Begin a silence");
  add->footer(kSilenceExamples);
  add->add_option("MATCH", options.matches, "Which alerts: FIELD=VALUE, FIELD!=VALUE, FIELD=~GLOB")
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
  commands.AddTo(*silence, Command::kSilenceList, "ls",
                 "List them, with those that ended in the last five days");
  CLI::App* remove = commands.AddTo(*silence, Command::kSilenceRemove, "rm", "End silences");
  remove->add_option("NUMBER", options.numbers, "The silences")->required()->type_name(" ");
}

void AddAcknowledge(CommandAdder& commands) {
  AcknowledgeOptions& options = commands.options.acknowledge;
  CLI::App* acknowledge = commands.Add(
      Command::kAcknowledge, "ack", "Say that somebody looks after an alert", kAcknowledgeExamples);
  constexpr const char* kAlert = "Its id, whose first digits are enough, or DEVICE/RULE";
  acknowledge->add_option("ALERT", options.alert, kAlert)->required()->type_name(" ");
  acknowledge->add_option("--comment", options.comment, "What for")->type_name("TEXT");
  acknowledge->add_option("--author", options.author, "Who (default: $USER)")->type_name("NAME");
  AddParsed(*acknowledge, "--for", ShortDuration(), options.lasts,
            "How long, up to 24h (default: until it resolves)")
      ->type_name("DURATION");
  CLI::App* unacknowledge = commands.Add(Command::kUnacknowledge, "unack",
                                         "Take an acknowledgement back", kAcknowledgeExamples);
  unacknowledge->add_option("ALERT", options.alert, kAlert)->required()->type_name(" ");
}

}  // namespace

void AddAlertCommands(CommandAdder& commands) {
  AddRules(commands);
  AddAlerts(commands);
  AddSilence(commands);
  AddAcknowledge(commands);
}

}  // namespace edgefeed
