#include "ctl/commandline/command_adder.h"
#include "ctl/commandline/option_values.h"
#include "ctl/help_text.h"

namespace edgefeed {
namespace {

CLI::App* AddOneDump(CommandAdder& commands, CLI::App& dumps, Command command, const char* name,
                     const char* help) {
  CLI::App* added = commands.AddTo(dumps, command, name, help);
  added->add_option("ID", commands.options.dumps.id, "The dump; its first digits are enough")
      ->required()
      ->type_name(" ");
  return added;
}

void AddDumps(CommandAdder& commands) {
  DumpsOptions& options = commands.options.dumps;
  CLI::App* dumps = commands.Add(Command::kDumps, "dumps",
                                 "Show what crashed, and fetch the dumps of it", kDumpsExamples);
  dumps->add_option("GROUP", options.group, "Only this group of crashes (default: all)")
      ->type_name(" ");
  dumps->add_option("--device", options.device, "Only crashes of this device")->type_name("NAME");
  AddParsed(*dumps, "--limit", ParseCount, options.limit,
            "At most so many groups, and so many dumps (default 20)")
      ->type_name("N");
  dumps->require_subcommand(0, 1);
  dumps->callback([&commands, dumps] {  // Runs after that of a command of its own.
    if (dumps->get_subcommands().empty()) commands.options.command = Command::kDumps;
  });
  dumps->get_formatter()->label("SUBCOMMAND", "COMMAND");
  AddOneDump(commands, *dumps, Command::kDumpsShow, "show", "Everything known of a dump");
  CLI::App* get = AddOneDump(commands, *dumps, Command::kDumpsGet, "get",
                             "Fetch a dump; goes on where an earlier try ended");
  get->add_option("FILE", options.file, "Where to; as it is stored if this ends in .zst")
      ->required()
      ->type_name(" ");
  CLI::App* remove = commands.AddTo(*dumps, Command::kDumpsRemove, "rm",
                                    "Remove dumps, or groups with their dumps, for good");
  remove->add_option("ID", options.ids, "Dumps or groups")->required()->type_name(" ");
}

}  // namespace

void AddDumpCommands(CommandAdder& commands) { AddDumps(commands); }

}  // namespace edgefeed
