#include "agent/app/enrol_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include "agent/app/config.h"
#include "agent/app/enrolment.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "common/log/log.h"

namespace edgefeed {
namespace {

struct EnrolOptions {
  std::string token;
  std::filesystem::path config = kDefaultAgentConfig;
  std::string collector;
  bool force = false;
};

ExitCode Fail(const std::string& why, ExitCode code = kExitFailed) {
  std::cerr << "edgefeed-agent: " << why << '\n';
  return code;
}

// Without --collector the host of the first of the configuration's, at the usual port.
Result<Endpoint> CollectorOf(const std::string& given, const Endpoint& otherwise) {
  if (given.empty()) return otherwise;
  auto endpoint = ParseEndpoint(given);
  if (!endpoint) return endpoint.error().Wrap("--collector");
  return endpoint;
}

std::string TokenFrom(const std::string& given) {
  if (given != "-") return given;
  std::string line;
  std::getline(std::cin, line);
  return std::string(Trim(line));
}

void ReportEnrolled(const AgentConfig& config, const EnrolOptions& options,
                    const IdentityFiles& files, const Identity& identity) {
  const TlsFiles& tls = files.tls();
  std::cout << "device " << config.service_name << ": certificate " << identity.serial
            << ", good until " << FormatTime(identity.not_after) << "\n  " << tls.cert.string()
            << "  the certificate\n  " << tls.key.string() << "  its private key\n  "
            << tls.ca.string() << "  whom the device believes\n";
  if (!config.tls || config.tls->cert.empty()) {
    std::cout << "Next: " << options.config.string()
              << " has to say\n  tls: {ca: " << tls.ca.filename().string()
              << ", cert: " << tls.cert.filename().string()
              << ", key: " << tls.key.filename().string() << "}\n";
  }
  std::cout << "Next: systemctl restart edgefeed-agent. edgefeed-agent-renew.timer renews the "
               "certificate; with another init, have `edgefeed-agent renew` run each day\n";
}

ExitCode Enrol(const EnrolOptions& options) {
  const auto token = ParseEnrolToken(TokenFrom(options.token));
  if (!token) return Fail(token.error().message, kExitUsage);
  const auto config = LoadAgentConfig(options.config, ProcessEnvironment());
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitBadConfig;
  }
  const auto collector =
      CollectorOf(options.collector,
                  {.host = config->collector_addresses.front().host, .port = kEnrolmentPort});
  if (!collector) return Fail(collector.error().message, kExitUsage);
  const IdentityFiles files = IdentityOf(*config, options.config);
  const auto identity =
      EnrolDevice(files, *token, config->service_name, *collector, SystemClock().Wall());
  if (!identity) return Fail(identity.error().message);
  ReportEnrolled(*config, options, files, *identity);
  return kExitDone;
}

ExitCode Renew(const EnrolOptions& options) {
  const auto config = LoadAgentConfig(options.config, ProcessEnvironment());
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitBadConfig;
  }
  const IdentityFiles files = IdentityOf(*config, options.config);
  std::string at = options.collector;
  if (at.empty()) {
    const auto note = files.ReadNote();
    if (!note) {
      return Fail(note.error().message +
                  ": this device was not enrolled here: enrol it, or say --collector HOST:PORT");
    }
    at = note->collector;
  }
  const auto collector = ParseEndpoint(at);
  if (!collector) return Fail(collector.error().message, kExitUsage);
  const auto renewed =
      RenewDevice(files, *collector, options.force ? Renewal::kForced : Renewal::kWhenNeeded,
                  SystemClock().Wall());
  if (!renewed) return Fail(renewed.error().message);
  if (*renewed) {
    std::cout << "device " << config->service_name << ": certificate " << (*renewed)->serial
              << ", good until " << FormatTime((*renewed)->not_after)
              << "; a running agent uses it within 10 s\n";
    return kExitDone;
  }
  const auto own = ReadCertificate(files.tls().cert);
  if (!own) return Fail(own.error().message);
  std::cout << "device " << config->service_name << ": certificate " << own->Serial()
            << " is good until " << FormatTime(own->NotAfter()) << ", and is renewed from "
            << FormatTime(RenewedFrom(*own)) << " on\n";
  return kExitDone;
}

ExitCode ParseAndRun(CLI::App& cli, int argc, const char* const* argv, const EnrolOptions& options,
                     ExitCode (*run)(const EnrolOptions&)) {
  try {
    cli.parse(argc - 1, argv + 1);  // Without the program: the command is its name.
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  SetUpNoLog();  // What goes wrong is said by the command itself.
  return run(options);
}

}  // namespace

ExitCode RunEnrolCommand(int argc, const char* const* argv) {
  EnrolOptions options;
  CLI::App cli(
      "Gets this device its certificate from a collector, with a token of `edgefeedctl ca\n"
      "enrol-token`. The private key is made here and stays here; the token is sent to the\n"
      "collector that it names, and to no other. If it fails, or the power goes, do it again with\n"
      "the same token. Run it as root.",
      "edgefeed-agent enrol");
  cli.add_option("TOKEN", options.token, "The token; - reads it from standard input")
      ->required()
      ->type_name(" ");
  cli.add_option("--config", options.config, "The agent's configuration")->capture_default_str();
  cli.add_option("--collector", options.collector,
                 "Its enrolment port (default: the host of collector.address, port 50053)")
      ->type_name("HOST:PORT");
  return ParseAndRun(cli, argc, argv, options, Enrol);
}

ExitCode RunRenewCommand(int argc, const char* const* argv) {
  EnrolOptions options;
  CLI::App cli(
      "Renews this device's certificate over the port where it enrolled, once less than a third "
      "of\n"
      "its time is left; before that it says when. The key stays. edgefeed-agent-renew.timer does\n"
      "this each day. Run it as root.",
      "edgefeed-agent renew");
  cli.add_flag("--force", options.force, "Renew now");
  cli.add_option("--config", options.config, "The agent's configuration")->capture_default_str();
  cli.add_option("--collector", options.collector, "Another enrolment port than the one of before")
      ->type_name("HOST:PORT");
  return ParseAndRun(cli, argc, argv, options, Renew);
}

}  // namespace edgefeed
