#include "collector/app/config.h"

#include <string>

#include "collector/app/notify_keys.h"
#include "collector/app/remote_write_config.h"
#include "collector/rulefile/rules_config.h"
#include "common/config/scalars.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr auto kDay = 24h;

void ReadCrl(YamlReader& section, const TlsFiles& files, std::filesystem::path& crl) {
  section.Read("crl", crl, PathIn(section.directory()));
  if (!crl.empty() && files.ca.empty()) {
    section.Report("crl", "revokes certificates of client_ca, which is not given");
  }
}

void ReadTls(YamlReader& parent, std::optional<TlsFiles>& tls, std::filesystem::path& crl) {
  parent.Section("tls", [&](YamlReader& section) {
    const auto file = PathIn(section.directory());
    TlsFiles& files = tls.emplace();
    section.Read("cert", files.cert, file);
    section.Read("key", files.key, file);
    section.Read("client_ca", files.ca, file);
    ReadCrl(section, files, crl);
    section.Require("cert");
    section.Require("key");
  });
}

// Where to listen, encrypted or not: the file's root and `http` have the same keys.
// `prefix`: "" or "http.".
template <typename Config>
void ReadListener(YamlReader& reader, std::string_view prefix, Config& config) {
  ReadTls(reader, config.tls, config.crl);
  reader.Read("allow_plaintext", config.allow_plaintext, ParseBool);
  const auto plaintext =
      config.tls || config.allow_plaintext ? Plaintext::kAnywhere : Plaintext::kLoopbackOnly;
  reader.Read("listen", config.listen, EndpointFor(plaintext, prefix));
}

// After the root's own port, whose TLS is theirs unless they have another.
void ReadOperators(YamlReader& root, CollectorConfig& config) {
  root.Section("operators", [&](YamlReader& operators) {
    OperatorsConfig& read = config.operators;
    ReadTls(operators, read.tls, read.crl);
    operators.Read("tokens", read.tokens, PathIn(operators.directory()));
    if (!operators.Has("listen")) {
      if (read.tls) operators.Report("tls", "is of operators.listen, which is not given");
      if (!read.tokens.empty() && config.tls && !config.tls->ca.empty()) {
        operators.Report("tokens",
                         "with tls.client_ca nobody without a certificate gets as far as showing "
                         "a token: give operators a port of their own (operators.listen)");
      }
      return;
    }
    if (!read.tls) {
      read.tls = config.tls;
      read.crl = config.crl;
    }
    const auto plaintext =
        read.tls || config.allow_plaintext ? Plaintext::kAnywhere : Plaintext::kLoopbackOnly;
    operators.Read("listen", read.listen, EndpointFor(plaintext, ""));
  });
}

// After the root's own port, whose certificate is shown here as well.
void ReadEnrolment(YamlReader& root, CollectorConfig& config) {
  root.Section("enrolment", [&](YamlReader& enrolment) {
    enrolment.Read("listen", config.enrolment.listen,
                   EndpointFor(Plaintext::kAnywhere, "enrolment."));
    enrolment.Read("ca", config.enrolment.authority, PathIn(enrolment.directory()));
    enrolment.Require("listen");
    enrolment.Require("ca");
    if (!config.tls) {
      enrolment.Report("listen", "needs tls: devices know the collector by its certificate");
    }
  });
}

void ReadHttp(YamlReader& root, HttpConfig& config) {
  const auto read = [&](YamlReader& http) {
    http.Read("enabled", config.enabled, ParseBool);
    http.Read("metrics_devices", config.metrics_devices, NumberFrom(0, 1'000'000));
    ReadListener(http, "http.", config);
  };
  if (root.Section("http", read, SectionForm::kMappingOrOff) == SectionState::kOff) {
    config.enabled = false;
  }
}

void ReadAlerts(YamlReader& root, AlertsConfig& config) {
  root.Section("alerts", [&](YamlReader& alerts) {
    alerts.Section("flap", [&](YamlReader& flap) {
      flap.Read("transitions", config.flap.transitions, NumberFrom(0, 1000));
      flap.Read("within", config.flap.within, DurationFrom(1s, kDay));
      flap.Read("hold", config.flap.hold, DurationFrom(1s, kDay));
    });
  });
}

void ReadLimits(YamlReader& root, LimitsConfig& config) {
  root.Section("limits", [&](YamlReader& limits) {
    limits.Read("payload_size", config.payload_size, SizeFrom(KiB(4), MiB(64)));
    limits.Read("feed_rate", config.feed_rate, SizeFrom(KiB(4), GiB(1)));
    limits.Read("series_per_device", config.series_per_device, NumberFrom(1, 1'000'000));
    limits.Read("devices", config.devices, NumberFrom(1, 10'000'000));
    limits.Read("subscribers", config.subscribers, NumberFrom(1, 1'000'000));
    ConnectionLimits& connections = config.connections;
    limits.Read("connections", connections.connections, NumberFrom(16, 1'000'000));
    limits.Read("connections_per_second", connections.per_second, NumberFrom(1, 100'000));
    limits.Read("connections_per_second_and_address", connections.per_second_and_address,
                NumberFrom(1, 100'000));
    limits.Read("streams_per_connection", config.streams_per_connection, NumberFrom(16, 1'000'000));
    limits.Read("feeds_per_caller", config.callers.feeds, NumberFrom(1, 100'000));
    limits.Read("uploads_per_caller", config.callers.uploads, NumberFrom(1, 100'000));
    limits.Read("subscribers_per_caller", config.callers.subscribers, NumberFrom(1, 100'000));
    limits.Read("calls_per_second_and_device", config.callers.device_calls_per_second,
                NumberFrom(1, 100'000));
    limits.Read("future_timestamps", config.future_timestamps, DurationFrom(1s, 365 * kDay));
  });
}

void ReadUploads(YamlReader& root, UploadsConfig& config) {
  root.Section("uploads", [&](YamlReader& uploads) {
    uploads.Read("max_file_size", config.max_file_size, SizeFrom(KiB(1), GiB(1 << 20)));
    uploads.Read("quota", config.quota, SizeFrom(KiB(1), GiB(1 << 20)));
    uploads.Read("device_quota", config.device_quota, SizeFrom(KiB(1), GiB(1 << 20)));
    uploads.Read("device_rate", config.device_rate, SizeFrom(KiB(4), GiB(1 << 10)));
    uploads.Read("min_free", config.min_free, ParseDiskShare);
    if (config.quota < config.max_file_size) {
      uploads.Report("quota", "is smaller than max_file_size: no file of that size could be kept");
    }
  });
}

void ReadDumps(YamlReader& root, DumpsConfig& config) {
  root.Section("dumps", [&](YamlReader& dumps) {
    dumps.Read("keep", config.keep, DurationFrom(1h, 3650 * kDay));
    dumps.Read("per_group", config.per_group, NumberFrom(1, 10'000));
    dumps.ReadList("symbols", config.symbols, PathIn(dumps.directory()), ListForm::kListOrOne);
  });
}

void ReadHistory(YamlReader& root, RetentionConfig& config) {
  root.Section("history", [&](YamlReader& history) {
    history.Read("raw", config.raw, DurationFrom(1h, 3650 * kDay));
    history.Read("minute", config.minute, DurationFrom(kDay, 3650 * kDay));
    history.Read("hour", config.hour, DurationFrom(kDay, 3650 * kDay));
    history.Read("max_size", config.max_size, SizeFrom(MiB(256), GiB(1 << 20)));
  });
}

void ReadDrain(YamlReader& root, std::vector<Endpoint>& addresses) {
  root.Section("drain", [&](YamlReader& drain) {
    drain.ReadList("to", addresses, EndpointFor(Plaintext::kAnywhere, ""), ListForm::kListOrOne);
  });
}

void ReadCollector(YamlReader& root, RuleNames& names, CollectorConfig& config) {
  ReadListener(root, "", config);
  ReadOperators(root, config);
  ReadEnrolment(root, config);
  ReadHttp(root, config.http);
  root.Read("data_dir", config.data_dir, PathIn(root.directory()));
  root.Read("engine_threads", config.engine_threads, NumberFrom(0, 64));
  if (root.Has("rules")) {
    ReadRules(root, names, config.rules);
  } else {
    names.ClaimDefaults(config.rules);
  }
  ReadNotify(root, config.notify);
  ReadAlerts(root, config.alerts);
  ReadLimits(root, config.limits);
  ReadUploads(root, config.uploads);
  ReadDumps(root, config.dumps);
  ReadHistory(root, config.history);
  ReadRemoteWrites(root, config.remote_writes);
  ReadDrain(root, config.drain_to);
  root.Section("log", [&](YamlReader& log) { log.Read("level", config.log_level, ParseLogLevel); });
}

}  // namespace

Result<CollectorConfig> ParseCollectorConfig(std::string_view text,
                                             const std::filesystem::path& file,
                                             const Environment& environment) {
  CollectorConfig config;
  RuleNames names;
  const Status status = ReadYaml(text, file, environment,
                                 [&](YamlReader& root) { ReadCollector(root, names, config); });
  if (!status) return status.error();
  return config;
}

Result<CollectorConfig> LoadCollectorConfig(const std::filesystem::path& file,
                                            const Environment& environment) {
  CollectorConfig config;
  RuleNames names;
  const Status status = ReadYamlFile(file, environment,
                                     [&](YamlReader& root) { ReadCollector(root, names, config); });
  const Status more =
      ReadRuleFiles(file.parent_path() / kRulesDirectory, environment, names, config.rules);
  if (!status && !more) {
    return Error{status.error().code, status.error().message + "\n" + more.error().message};
  }
  if (!status) return status.error();
  if (!more) return more.error();
  return config;
}

}  // namespace edgefeed
