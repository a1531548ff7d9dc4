#include "ctl/run.h"

#include <optional>

#include "common/base/safe_text.h"
#include "ctl/alerts.h"
#include "ctl/backup.h"
#include "ctl/ca/commands.h"
#include "ctl/completion/script.h"
#include "ctl/dumps.h"
#include "ctl/history.h"
#include "ctl/options.h"
#include "ctl/queries.h"
#include "ctl/rules/check.h"
#include "ctl/rules/explain_rule.h"
#include "ctl/rules/replay.h"
#include "ctl/rules/test.h"
#include "ctl/settings.h"
#include "ctl/token.h"
#include "ctl/upload.h"
#include "ctl/verify.h"
#include "ctl/watch.h"

namespace edgefeed {
namespace {

int Fail(std::ostream& err, ExitCode code, const std::string& message) {
  err << "edgefeedctl: " << message << '\n';
  return code;
}

Result<Target> FindTarget(const CtlOptions& options, const Environment& environment) {
  const Preferences preferences = ReadPreferences(environment);
  const auto config = FindConfig(options, preferences, environment);
  if (!config) return config.error();
  return ResolveTarget(options, preferences, *config);
}

ClientOptions MakeClientOptions(const CtlOptions& options, const Target& target) {
  const bool is_bulk = options.command == Command::kUpload || options.command == Command::kBackup ||
                       options.command == Command::kDumpsGet;
  return {.collector = target.collector,
          .tls = target.tls,
          .token = target.token,
          .timeout = options.timeout,
          .traffic = is_bulk ? Traffic::kBulk : Traffic::kLight,
          .json = options.json ? JsonForm::kFilled : JsonForm::kNone};
}

int ReportCheck(std::ostream& out, const Target& target) {
  out << "configuration is valid: collector " << ToString(target.collector)
      << (target.tls ? ", TLS" : ", plaintext") << '\n';
  return kExitDone;
}

// Who runs this, for what others will read.
std::string UserOf(const Environment& environment) {
  const auto user = environment("USER");
  return user && !user->empty() ? *user : "edgefeedctl";
}

Status RunCommand(CollectorClient& client, std::optional<SignalQueue>& signals,
                  const CtlOptions& options, const Target& target, const Surroundings& given) {
  switch (options.command) {
    case Command::kDevices: return RunDevices(client, options, given.clock, given.console);
    case Command::kSnapshot: return RunSnapshot(client, options, given.clock, given.console);
    case Command::kUpload: return RunUpload(client, options, given.clock, given.console);
    case Command::kBackup: return RunBackup(client, options, given.clock, given.console);
    case Command::kHistory: return RunHistory(client, options, given.clock, given.console);
    case Command::kWatch:
      return RunWatch(client, *signals, options, target.collector, given.clock, given.console);
    case Command::kDumps: return RunDumps(client.dumps(), options, given.clock, given.console);
    case Command::kDumpsShow:
      return RunDumpsShow(client.dumps(), options, given.clock, given.console);
    case Command::kDumpsGet:
      return RunDumpsGet(client.dumps(), options, given.clock, given.console);
    case Command::kDumpsRemove: return RunDumpsRemove(client.dumps(), options, given.console);
    case Command::kRulesReplay:
      return RunRulesReplay(client, options, given.environment, given.clock, given.console);
    case Command::kRulesExplain:
      return RunRulesExplain(client, options, given.environment, given.console);
    case Command::kAlerts: return RunAlerts(client.alerts(), options, given.clock, given.console);
    case Command::kSilenceAdd:
      return RunSilenceAdd(client.alerts(), options, UserOf(given.environment), given.clock,
                           given.console);
    case Command::kSilenceList:
      return RunSilenceList(client.alerts(), options, given.clock, given.console);
    case Command::kSilenceRemove: return RunSilenceRemove(client.alerts(), options, given.console);
    case Command::kAcknowledge:
      return RunAcknowledge(client.alerts(), options, UserOf(given.environment), given.clock,
                            given.console);
    case Command::kUnacknowledge: return RunUnacknowledge(client.alerts(), options, given.console);
    case Command::kRulesCheck:
    case Command::kRulesTest:
    case Command::kVerify:
    case Command::kCaInit:
    case Command::kCaIssue:
    case Command::kCaRevoke:
    case Command::kCaRenew:
    case Command::kCaList:
    case Command::kCaEnrolToken:
    case Command::kTokenNew:
    case Command::kTokenList:
    case Command::kTokenRemove:
    case Command::kCompletion:
    case Command::kNone: break;
  }
  return {};
}

int RunWithTarget(const CtlOptions& options, const Target& target, const Surroundings& given) {
  std::ostream& err = given.console.err;
  std::optional<SignalQueue> signals;  // Before the client: see SignalQueue.
  if (options.command == Command::kWatch) {
    auto opened = SignalQueue::Open();
    if (!opened) return Fail(err, kExitFailed, opened.error().message);
    signals = std::move(*opened);
  }
  auto client = given.make_client(MakeClientOptions(options, target));
  if (!client) return Fail(err, kExitConfig, client.error().message);
  if (options.check) return ReportCheck(given.console.out, target);

  const Status done = RunCommand(**client, signals, options, target, given);
  if (!done) return Fail(err, kExitFailed, SafeText(done.error().message));
  return kExitDone;
}

int ReportDone(const Status& done, std::ostream& err) {
  return done ? kExitDone : Fail(err, kExitFailed, SafeText(done.error().message));
}

// Nothing: it is another command.
std::optional<Status> RunToken(const CtlOptions& options, const Surroundings& given) {
  if (options.check) return std::nullopt;
  switch (options.command) {
    case Command::kTokenNew: return RunTokenNew(options, given.clock, given.console);
    case Command::kTokenList: return RunTokenList(options, given.clock, given.console);
    case Command::kTokenRemove: return RunTokenRemove(options, given.console);
    default: return std::nullopt;
  }
}

int RunParsed(const CtlOptions& options, const Surroundings& given) {
  if (options.command == Command::kCompletion && !options.check) {
    given.console.out << kBashCompletion;
    return kExitDone;
  }
  if (options.command == Command::kVerify && !options.check) {
    const Status verified = RunVerify(options, given.clock, given.console);
    return verified ? kExitDone : Fail(given.console.err, kExitFailed, verified.error().message);
  }
  if (options.command == Command::kRulesCheck && !options.check) {
    return ReportDone(RunRulesCheck(options, given.environment, given.console), given.console.err);
  }
  if (options.command == Command::kRulesTest && !options.check) {
    return ReportDone(RunRulesTest(options, given.environment, given.console), given.console.err);
  }
  if (IsCaCommand(options.command) && !options.check) {
    return ReportDone(
        RunCa(options, ReadPreferences(given.environment), given.clock, given.console),
        given.console.err);
  }
  if (const auto done = RunToken(options, given)) {
    return ReportDone(*done, given.console.err);
  }
  const auto target = FindTarget(options, given.environment);
  if (!target) return Fail(given.console.err, kExitConfig, target.error().message);
  return RunWithTarget(options, *target, given);
}

}  // namespace

int RunCtl(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  Console& console = surroundings.console;
  const auto parsed = ParseCommandLine(arguments);
  int code = kExitDone;
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
    (early->code == kExitDone ? console.out : console.err) << early->text;
    code = early->code;
  } else {
    code = RunParsed(std::get<CtlOptions>(parsed), surroundings);
  }
  console.out.flush();
  if (console.out || code != kExitDone) return code;
  return Fail(console.err, kExitFailed, "cannot write to standard output (is the disk full?)");
}

}  // namespace edgefeed
