#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "ctl/options.h"

namespace edgefeed {

// Adds commands to a parser. Parsing fills `options` and `labels`; all must outlive the parser.
struct CommandAdder {
  CLI::App& app;
  CtlOptions& options;
  std::vector<std::string>& labels;  // NAME=VALUE, of history.

  // A command of edgefeedctl; `examples` end its help.
  CLI::App* Add(Command command, const char* name, const char* help, const char* examples) {
    CLI::App* added = AddTo(app, command, name, help);
    added->footer(examples);
    return added;
  }
  // A command that is one of `parent`'s.
  CLI::App* AddTo(CLI::App& parent, Command command, const char* name, const char* help) {
    CLI::App* added = parent.add_subcommand(name, help);
    added->group("Commands");
    added->callback([&chosen = options.command, command] { chosen = command; });
    return added;
  }
  // One that has only commands of its own.
  CLI::App* AddGroup(const char* name, const char* help, const char* examples) {
    CLI::App* added = app.add_subcommand(name, help);
    added->footer(examples);
    added->group("Commands");
    added->require_subcommand(1);
    added->get_formatter()->label("SUBCOMMAND", "COMMAND");
    return added;
  }
};

void AddFleetCommands(
    CommandAdder& commands);  // devices, snapshot, watch, upload, history, backup, verify
void AddDumpCommands(CommandAdder& commands);   // dumps
void AddAlertCommands(CommandAdder& commands);  // rules, alerts, silence, ack, unack
void AddTrustCommands(CommandAdder& commands);  // ca, token

}  // namespace edgefeed
