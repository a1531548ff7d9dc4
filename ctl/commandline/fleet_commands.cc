#include "ctl/commandline/command_adder.h"
#include "ctl/commandline/option_values.h"
#include "ctl/help_text.h"

namespace edgefeed {
namespace {

void AddDevices(CommandAdder& commands) {
  CLI::App* devices =
      commands.Add(Command::kDevices, "devices", "List the devices of the fleet", kDevicesExamples);
  devices->add_flag("--names", commands.options.names_only, "Names only, one a line");
}

void AddSnapshot(CommandAdder& commands) {
  CLI::App* snapshot =
      commands.Add(Command::kSnapshot, "snapshot", "Show everything in a device's newest sample",
                   kSnapshotExamples);
  snapshot->add_option("NAME", commands.options.device, "The device")->required()->type_name(" ");
}

void AddWatch(CommandAdder& commands) {
  CLI::App* watch = commands.Add(Command::kWatch, "watch", "Follow one device or the whole fleet",
                                 kWatchExamples);
  watch->add_option("NAME", commands.options.watch.device, "The device (default: the whole fleet)")
      ->type_name(" ");
  AddParsed(*watch, "--interval", ShortDuration(), commands.options.watch.interval,
            "Shortest time between two updates of a device (default 1s, at least 500ms)")
      ->type_name("DURATION");
  watch->add_flag_callback(
      "--readings", [&commands] { commands.options.watch.detail = SampleDetail::kReadings; },
      "Everything in each sample, not only CPU and memory");
  AddParsed(*watch, "--count", ParseCount, commands.options.watch.count,
            "End after this many updates")
      ->type_name("N");
  watch->add_flag_callback(
      "--no-reconnect", [&commands] { commands.options.watch.reconnect = false; },
      "Fail when the collector goes away");
}

void AddUpload(CommandAdder& commands) {
  CLI::App* upload =
      commands.Add(Command::kUpload, "upload", "Send a file to the collector", kUploadExamples);
  upload->add_option("FILE", commands.options.upload.file, "The file; - for standard input")
      ->required()
      ->type_name(" ");
  upload
      ->add_option("--name", commands.options.upload.name,
                   "Its name there (default: its name here)")
      ->type_name("NAME");
}

void AddHistory(CommandAdder& commands) {
  CLI::App* history = commands.Add(Command::kHistory, "history",
                                   "Show what a device measured in the past", kHistoryExamples);
  HistoryOptions& options = commands.options.history;
  history->add_option("NAME", options.device, "The device")->required()->type_name(" ");
  history->add_option("--metric", options.metric, "What it measured (default cpu_usage)")
      ->type_name("METRIC");
  history
      ->add_option("--label", commands.labels, "Only series that have this label; may be repeated")
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

void AddBackup(CommandAdder& commands) {
  CLI::App* backup = commands.Add(Command::kBackup, "backup",
                                  "Copy everything the collector has stored", kBackupExamples);
  backup
      ->add_option("DIR", commands.options.backup_directory, "Where to, on this host: new or empty")
      ->required()
      ->type_name(" ");
}

void AddVerify(CommandAdder& commands) {
  CLI::App* verify = commands.Add(Command::kVerify, "verify",
                                  "Check the files of a history or an outbox", kVerifyExamples);
  verify
      ->add_option("PATH", commands.options.verify_paths,
                   "A collector's data_dir, a backup, an agent's state_dir or a .seg file")
      ->required()
      ->type_name(" ");
}

}  // namespace

void AddFleetCommands(CommandAdder& commands) {
  AddDevices(commands);
  AddSnapshot(commands);
  AddWatch(commands);
  AddUpload(commands);
  AddHistory(commands);
  AddBackup(commands);
  AddVerify(commands);
}

}  // namespace edgefeed
