#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/endpoint.h"
#include "common/model/role.h"
#include "ctl/client.h"
#include "ctl/time_option.h"

namespace edgefeed {

// What edgefeedctl exits with.
enum ExitCode : int { kExitDone = 0, kExitFailed = 1, kExitUsage = 2, kExitConfig = 78 };

enum class Command {
  kNone,
  kDevices,
  kSnapshot,
  kWatch,
  kUpload,
  kHistory,
  kBackup,
  kVerify,
  kDumps,
  kDumpsShow,
  kDumpsGet,
  kDumpsRemove,
  kRulesCheck,
  kRulesTest,
  kRulesReplay,
  kRulesExplain,
  kAlerts,
  kSilenceAdd,
  kSilenceList,
  kSilenceRemove,
  kAcknowledge,
  kUnacknowledge,
  kCaInit,
  kCaIssue,
  kCaRevoke,
  kCaRenew,
  kCaList,
  kCaEnrolToken,
  kTokenNew,
  kTokenList,
  kTokenRemove,
  kCompletion
};

struct WatchOptions {
  std::string device;  // Empty: the whole fleet.
  std::chrono::milliseconds interval{1000};
  SampleDetail detail = SampleDetail::kHeadline;
  std::optional<std::uint64_t> count;  // Ends after so many updates.
  bool reconnect = true;
};

struct UploadOptions {
  std::string file;  // "-": standard input.
  std::string name;  // Empty: the file's own.
};

struct DumpsOptions {
  std::string group;   // dumps; empty: all groups.
  std::string device;  // dumps; empty: all devices.
  std::uint64_t limit = 20;
  std::string id;                // show, get
  std::string file;              // get
  std::vector<std::string> ids;  // rm
};

struct RulesOptions {
  std::vector<std::string> files;                     // check, test
  std::string replay_file;                            // replay
  std::string device;                                 // explain
  std::string rule;                                   // explain
  std::string file = "/etc/edgefeed/collector.yaml";  // explain
  std::vector<std::string> devices;                   // Empty: all of them.
  TimeOption from{.before_now = std::chrono::hours(24)};
  TimeOption to;
};

struct AlertsOptions {
  std::string device;    // Empty: all.
  std::string rule;      // History; empty: all.
  std::string severity;  // Empty: any.
  bool watch = false;
  bool history = false;
  TimeOption from{.before_now = std::chrono::hours(24)};
  TimeOption to;
  std::uint64_t limit = 100;
};

struct SilenceOptions {
  std::vector<std::string> matches;                // add
  std::optional<std::chrono::milliseconds> lasts;  // add
  std::string author;                              // Empty: the user.
  std::string comment;
  std::string window;
  std::vector<std::uint64_t> numbers;  // rm
};

struct AcknowledgeOptions {
  std::string alert;  // An id, or DEVICE/RULE.
  std::string author;
  std::string comment;
  std::optional<std::chrono::milliseconds> lasts;
};

struct CaOptions {
  std::string directory;  // Empty: the user's.
  std::string name;       // init; empty: one is made up.
  std::optional<std::chrono::milliseconds> lasts;
  std::string kind;                // issue
  std::vector<std::string> names;  // issue, enrol-token
  std::string request;             // issue; empty: a new key.
  std::string out;                 // issue, renew; empty: a directory of the party's name.
  std::string which;               // revoke, renew
};

struct TokenOptions {
  std::string name;
  Role role = Role::kViewer;
  std::chrono::milliseconds lasts = std::chrono::hours(90 * 24);
  std::string file = "/etc/edgefeed/tokens.yaml";
};

struct HistoryOptions {
  std::string device;
  std::string metric = "cpu_usage";
  Labels labels;
  TimeOption from{.before_now = std::chrono::hours(1)};
  TimeOption to;
  std::optional<std::chrono::milliseconds> step;  // Nothing: what fits the output.
  bool csv = false;
};

// The command line, as far as it was given.
struct CtlOptions {
  std::optional<Endpoint> collector;
  std::string config_file;  // Empty: the default ones.
  TlsFiles tls;
  std::string token_file;  // Empty: none was given.
  bool allow_plaintext = false;
  bool json = false;
  bool check = false;
  std::chrono::milliseconds timeout{10'000};

  Command command = Command::kNone;
  bool names_only = false;  // devices
  std::string device;       // snapshot
  WatchOptions watch;
  UploadOptions upload;
  HistoryOptions history;
  DumpsOptions dumps;
  RulesOptions rules;
  AlertsOptions alerts;
  SilenceOptions silence;
  AcknowledgeOptions acknowledge;
  CaOptions authority;
  TokenOptions token;
  std::string backup_directory;           // backup
  std::vector<std::string> verify_paths;  // verify
};

// Nothing more to do: text for standard output (done) or standard error (wrong usage).
struct EarlyExit {
  ExitCode code = kExitDone;
  std::string text;
};

// `arguments` without the program's name.
std::variant<CtlOptions, EarlyExit> ParseCommandLine(const std::vector<std::string>& arguments);

// Every command and option, as typed: what completion has to offer.
std::vector<std::string> AllCommandLineWords();

}  // namespace edgefeed
