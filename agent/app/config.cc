#include "agent/app/config.h"

#include <algorithm>

#include "common/config/scalars.h"
#include "common/config/yaml_reader.h"
#include "common/model/device.h"
#include "common/runtime/answer_socket.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kMaxLabelBytes = 128;
constexpr std::size_t kMaxAddresses = 16;

Result<std::string> ParseDeviceName(std::string_view text) {
  constexpr std::string_view kPrefix = "service_name ";  // The reader says which key it is.
  const Status status = CheckDeviceName(text);
  if (status) return std::string(text);
  Error error = status.error();
  if (error.message.starts_with(kPrefix)) error.message.erase(0, kPrefix.size());
  return error;
}

void ReadServiceName(YamlReader& root, const Environment& environment, std::string& name) {
  root.Read("service_name", name, ParseDeviceName);
  if (root.Has("service_name")) return;
  const auto parsed = ParseDeviceName(environment("HOSTNAME").value_or(""));
  if (!parsed)
    return root.Report("service_name", "the default, the host's name, " + parsed.error().message);
  name = *parsed;
}

ScalarParser<std::filesystem::path> PathOrNone(const std::filesystem::path& directory) {
  return [path = PathIn(directory)](std::string_view text) {
    return text.empty() ? Result(std::filesystem::path()) : path(text);
  };
}

void ReadLabels(YamlReader& root, Labels& labels) {
  root.ReadMap("labels", [&](const std::string& name, const std::string& value) -> Status {
    const auto parsed = ParseIdentifier(name);
    if (!parsed) return parsed.error();
    if (value.size() > kMaxLabelBytes) {
      return Error{Code::kInvalidArgument,
                   "has " + std::to_string(value.size()) + " bytes, at most 128 are allowed"};
    }
    labels.push_back({.name = name, .value = value});
    return {};
  });
  std::ranges::sort(labels);
  if (labels.size() > kMaxLabels) {
    root.Report("labels",
                "has " + std::to_string(labels.size()) + " labels, at most 32 are allowed");
  }
}

void ReadTls(YamlReader& root, std::optional<TlsFiles>& tls) {
  root.Section("tls", [&](YamlReader& section) {
    const auto file = PathIn(section.directory());
    TlsFiles& files = tls.emplace();
    section.Read("ca", files.ca, file);
    section.Read("cert", files.cert, file);
    section.Read("key", files.key, file);
    section.Require("ca");
    if (section.Has("cert") && !section.Has("key")) section.Report("key", "is required with cert");
    if (section.Has("key") && !section.Has("cert")) section.Report("cert", "is required with key");
  });
}

ScalarParser<Endpoint> CollectorEndpoint(Plaintext plaintext) {
  return [parse = EndpointFor(plaintext, "")](std::string_view text) -> Result<Endpoint> {
    auto endpoint = parse(text);
    if (endpoint && endpoint->port == 0) return NotA(text, "HOST:PORT with a port from 1 to 65535");
    return endpoint;
  };
}

void ReadCollector(YamlReader& root, AgentConfig& config) {
  const auto plaintext =
      config.tls || config.allow_plaintext ? Plaintext::kAnywhere : Plaintext::kLoopbackOnly;
  root.Section("collector", [&](YamlReader& collector) {
    collector.ReadList("address", config.collector_addresses, CollectorEndpoint(plaintext),
                       ListForm::kListOrOne);
    const std::size_t count = config.collector_addresses.size();
    if (count == 0 || count > kMaxAddresses) {
      collector.Report("address",
                       "has " + std::to_string(count) + " addresses, allowed are 1 to 16");
    }
  });
}

void ReadOutbox(YamlReader& root, OutboxConfig& config) {
  root.Section("outbox", [&](YamlReader& outbox) {
    outbox.Read("memory_limit", config.memory_limit, SizeFrom(KiB(64), GiB(64)));
    outbox.Read("max_size", config.max_size, SizeFrom(MiB(1), GiB(1024)));
    outbox.Read("min_free", config.min_free, SizeFrom(MiB(1), GiB(1024)));
    outbox.Read("sync_every", config.sync_every, DurationFrom(1s, 1h));
    outbox.Read("drain_rate", config.drain_rate, NumberFrom(0, 1'000'000));
  });
}

// Reads a socket's path, which may be empty.
void ReadSocket(YamlReader& section, std::filesystem::path& socket) {
  section.Read("socket", socket, PathOrNone(section.directory()));
  const std::size_t size = socket.native().size();
  if (section.Has("socket") && size > kMaxSocketPath) {
    section.Report("socket", "has " + std::to_string(size) + " bytes, a socket's path at most " +
                                 std::to_string(kMaxSocketPath));
  }
}

void ReadStatus(YamlReader& root, AgentConfig& config) {
  config.status_socket = config.state_dir / "status.sock";
  root.Section("status", [&](YamlReader& status) { ReadSocket(status, config.status_socket); });
}

// Datagrams do not say who sends them.
Result<std::optional<Endpoint>> ParseOwnEndpoint(std::string_view text) {
  if (text.empty()) return std::optional<Endpoint>();
  auto endpoint = ParseEndpoint(text);
  if (!endpoint) return endpoint.error();
  if (!IsLoopback(*endpoint)) {
    return NotA(text, "a loopback address: only applications of this device may send");
  }
  return std::optional(*std::move(endpoint));
}

void ReadStatsd(YamlReader& root, StatsdConfig& config) {
  root.Section("statsd", [&](YamlReader& statsd) {
    statsd.Read("listen", config.listen, ParseOwnEndpoint);
    ReadSocket(statsd, config.socket);
    statsd.Read("max_series", config.max_series, NumberFrom(1, 512));
    statsd.Read("max_rate", config.max_rate, NumberFrom(1, 100'000));
    statsd.Read("max_memory", config.max_memory, SizeFrom(KiB(16), MiB(64)));
    statsd.Read("forget_after", config.forget_after, DurationFrom(1s, 24h));
  });
}

Result<Link> ParseLink(std::string_view text) {
  if (text == "normal") return Link::kNormal;
  if (text == "metered") return Link::kMetered;
  return NotA(text, "normal or metered");
}

void ReadOnAlert(YamlReader& root, OnAlertConfig& config) {
  root.Section("on_alert", [&](YamlReader& on_alert) {
    on_alert.ReadList("command", config.command, ParseText);
    if (!config.command.empty() && !config.command.front().starts_with('/')) {
      on_alert.Report("command", "'" + config.command.front() + "' is not an absolute path");
    }
    on_alert.Read("resolved", config.resolved, ParseBool);
    on_alert.Read("timeout", config.timeout, DurationFrom(100ms, 10min));
    on_alert.Read("queue", config.queue, NumberFrom(1, 1024));
  });
}

Result<DumpMode> ParseDumpMode(std::string_view text) {
  if (text == "auto") return DumpMode::kAuto;
  if (text == "full") return DumpMode::kFull;
  if (text == "stacks") return DumpMode::kStacks;
  if (text == "metadata") return DumpMode::kMetadata;
  return NotA(text, "auto, full, stacks or metadata");
}

void ReadCrashDumps(YamlReader& root, AgentConfig& config) {
  config.crash_dumps.directories = {config.state_dir / "crashes"};
  root.Section("crash_dumps", [&](YamlReader& crash_dumps) {
    CrashConfig& crashes = config.crash_dumps;
    const auto path = PathIn(crash_dumps.directory());
    crash_dumps.ReadList("directories", crashes.directories, path, ListForm::kListOrOne);
    crash_dumps.Read("systemd_directory", crashes.systemd_directory,
                     PathOrNone(crash_dumps.directory()));
    crash_dumps.Read("mode", crashes.mode, ParseDumpMode);
    crash_dumps.Read("full_limit", crashes.full_limit, SizeFrom(MiB(1), GiB(1024)));
    crash_dumps.Read("max_size", crashes.max_size, SizeFrom(MiB(1), GiB(1024)));
    crash_dumps.Read("min_free", crashes.min_free, SizeFrom(MiB(1), GiB(1024)));
    crash_dumps.Read("keep", crashes.keep, DurationFrom(1h, 8760h));
    crash_dumps.Read("per_signature_hourly", crashes.per_signature_hourly, NumberFrom(1, 10'000));
    crash_dumps.Read("per_device_hourly", crashes.per_device_hourly, NumberFrom(1, 10'000));
    crash_dumps.ReadList("log_command", crashes.log_command, ParseText);
    if (!crashes.log_command.empty() && !crashes.log_command.front().starts_with('/')) {
      crash_dumps.Report("log_command",
                         "'" + crashes.log_command.front() + "' is not an absolute path");
    }
    crash_dumps.Read("upload_rate", config.dump_upload_rate, SizeFrom(Bytes{0}, GiB(1024)));
  });
}

void ReadAgent(YamlReader& root, const Environment& environment, AgentConfig& config) {
  const auto path = PathIn(root.directory());
  ReadServiceName(root, environment, config.service_name);
  ReadLabels(root, config.labels);
  ReadTls(root, config.tls);
  root.Read("allow_plaintext", config.allow_plaintext, ParseBool);
  ReadCollector(root, config);
  root.Read("link", config.link, ParseLink);
  root.Read("sample_interval", config.sample_interval, DurationFrom(100ms, 1h));
  root.Read("batch_interval", config.batch_interval, DurationFrom(0ms, 1h));
  root.Read("state_dir", config.state_dir, path);
  ReadOutbox(root, config.outbox);
  ReadOnAlert(root, config.on_alert);
  ReadStatsd(root, config.statsd);
  ReadCrashDumps(root, config);
  ReadStatus(root, config);
  root.Section("log", [&](YamlReader& log) { log.Read("level", config.log_level, ParseLogLevel); });
}

}  // namespace

Result<AgentConfig> ParseAgentConfig(std::string_view text, const std::filesystem::path& file,
                                     const Environment& environment) {
  AgentConfig config;
  const Status status = ReadYaml(text, file, environment,
                                 [&](YamlReader& root) { ReadAgent(root, environment, config); });
  if (!status) return status.error();
  return config;
}

Result<AgentConfig> LoadAgentConfig(const std::filesystem::path& file,
                                    const Environment& environment) {
  AgentConfig config;
  const Status status = ReadYamlFile(
      file, environment, [&](YamlReader& root) { ReadAgent(root, environment, config); });
  if (!status) return status.error();
  return config;
}

std::filesystem::path StatusSocketOf(const std::filesystem::path& file,
                                     const Environment& environment) {
  AgentConfig config;
  (void)ReadYamlFile(file, environment,
                     [&](YamlReader& root) { ReadAgent(root, environment, config); });
  return config.status_socket;
}

}  // namespace edgefeed
