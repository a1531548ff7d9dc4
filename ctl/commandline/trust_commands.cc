#include "ctl/commandline/command_adder.h"
#include "ctl/commandline/option_values.h"
#include "ctl/help_text.h"

namespace edgefeed {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::minutes;

CLI::App* AddCaCommand(CommandAdder& commands, CLI::App& parent, Command command, const char* name,
                       const char* help) {
  CLI::App* added = commands.AddTo(parent, command, name, help);
  added->footer(kCaExamples);
  added
      ->add_option("--dir", commands.options.authority.directory,
                   "Where the CA is (default ~/.config/edgefeed/ca)")
      ->type_name("DIR");
  return added;
}

void AddLasts(CommandAdder& commands, CLI::App& command, const char* help) {
  AddParsed(command, "--lasts", DurationIn(minutes(1), days(7300), "1m and 7300d"),
            commands.options.authority.lasts, help)
      ->type_name("DURATION");
}

void AddCa(CommandAdder& commands) {
  CaOptions& options = commands.options.authority;
  CLI::App* authority =
      commands.AddGroup("ca", "Make certificates for a fleet, as its own authority", kCaExamples);
  CLI::App* init =
      AddCaCommand(commands, *authority, Command::kCaInit, "init", "Make the authority");
  init->add_option("--name", options.name, "What it is called (default: Edgefeed CA, numbered)")
      ->type_name("NAME");
  AddLasts(commands, *init, "How long it is good, up to 7300d (default 3650d)");
  CLI::App* issue = AddCaCommand(commands, *authority, Command::kCaIssue, "issue",
                                 "Make a key and a certificate, ready to be copied");
  issue->add_option("KIND", options.kind, "device, collector, viewer, operator or admin")
      ->required()
      ->type_name(" ");
  issue->add_option("NAME", options.names, "Its name; of a collector its hosts and addresses")
      ->required()
      ->type_name(" ");
  AddLasts(commands, *issue, "How long it is good, up to 7300d (default 90d)");
  issue->add_option("--out", options.out, "Where its files go: new (default KIND-NAME)")
      ->type_name("DIR");
  issue
      ->add_option("--request", options.request,
                   "A certificate request (PEM): certify its key, make none")
      ->type_name("FILE");
  CLI::App* enrol = AddCaCommand(commands, *authority, Command::kCaEnrolToken, "enrol-token",
                                 "Make a token with which a device gets its certificate itself");
  enrol->add_option("DEVICE", options.names, "Its service_name")
      ->required()
      ->expected(1)
      ->type_name(" ");
  AddParsed(*enrol, "--lasts", DurationIn(minutes(1), days(30), "1m and 30d"), options.lasts,
            "How long it can be used, up to 30d (default 24h)")
      ->type_name("DURATION");
  constexpr const char* kWhich = "A name, KIND/NAME or a serial number";
  CLI::App* revoke = AddCaCommand(commands, *authority, Command::kCaRevoke, "revoke",
                                  "Have certificates refused from now on");
  revoke
      ->add_option("NAME", options.which,
                   "A name, KIND/NAME, a serial number, or a token that is not used")
      ->required()
      ->type_name(" ");
  CLI::App* renew = AddCaCommand(commands, *authority, Command::kCaRenew, "renew",
                                 "Make a new certificate for the key that somebody has");
  renew->add_option("NAME", options.which, kWhich)->required()->type_name(" ");
  AddLasts(commands, *renew, "How long it is good, up to 7300d (default 90d)");
  renew->add_option("--out", options.out, "Where it goes, over the old one (default KIND-NAME)")
      ->type_name("DIR");
  AddCaCommand(commands, *authority, Command::kCaList, "ls",
               "List what was issued, what expires next first");
}

void AddToken(CommandAdder& commands) {
  TokenOptions& options = commands.options.token;
  CLI::App* token = commands.AddGroup("token", "Make and take away tokens, on the collector's host",
                                      kTokenExamples);
  CLI::App* add = commands.AddTo(*token, Command::kTokenNew, "new", "Make one, and print it once");
  AddParsed(*add, "--role", ParsePersonRole, options.role, "viewer, operator or admin")
      ->required()
      ->type_name("ROLE");
  AddParsed(*add, "--lasts", DurationIn(milliseconds(1), days(366), "1ms and 366d"), options.lasts,
            "How long, up to 366d (default 90d)")
      ->type_name("DURATION");
  CLI::App* list = commands.AddTo(*token, Command::kTokenList, "ls", "List them");
  CLI::App* remove = commands.AddTo(*token, Command::kTokenRemove, "rm", "Take one away");
  for (CLI::App* named : {add, remove}) {
    named->add_option("NAME", options.name, "Whose")->required()->type_name(" ");
  }
  for (CLI::App* any : {add, list, remove}) {
    any->add_option("--file", options.file, "The collector's operators.tokens")
        ->type_name("FILE")
        ->capture_default_str();
  }
}

}  // namespace

void AddTrustCommands(CommandAdder& commands) {
  AddCa(commands);
  AddToken(commands);
}

}  // namespace edgefeed
