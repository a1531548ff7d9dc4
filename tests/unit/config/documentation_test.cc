// config/*.yaml are the documentation of the configuration: they must load, say the defaults, and
// leave no key out.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <sstream>

#include "agent/app/config.h"
#include "collector/app/config.h"
#include "common/base/file.h"
#include "common/model/metrics.h"
#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

const std::filesystem::path kFiles = EDGEFEED_CONFIG_FILES;
const Environment kEnvironment = FakeEnvironment({{"HOSTNAME", "board-7"}});

// A key that is commented out has no blank after its #, or two of them deeper in: "#tls:", "#  ca:
// x".
const std::regex kCommentedKey("^( *)#((  )*(?:- )?[a-z_]+:.*)$");

std::vector<std::string> Lines(const std::string& name) {
  const auto text = ReadSmallFile(kFiles / name);
  REQUIRE(text);
  std::vector<std::string> lines;
  std::istringstream stream(*text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// With every key in force.
std::vector<std::string> Uncommented(const std::string& name) {
  auto lines = Lines(name);
  for (std::string& line : lines) line = std::regex_replace(line, kCommentedKey, "$1$2");
  return lines;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string ErrorOf(const auto& config) { return config ? "" : config.error().message; }

// The keys in the file, as paths; a list's items count as what they are an item of.
std::set<std::string> KeysIn(const std::vector<std::string>& lines) {
  static const std::regex key_line("^( *(?:- )?)([a-z_]+):.*$");
  std::set<std::string> keys;
  std::vector<std::pair<std::size_t, std::string>> open;  // Indentation and path.
  for (const std::string& line : lines) {
    std::smatch match;
    if (!std::regex_match(line, match, key_line)) continue;
    const auto indentation = static_cast<std::size_t>(match[1].length());
    while (!open.empty() && open.back().first >= indentation) open.pop_back();
    const std::string path = (open.empty() ? "" : open.back().second + ".") + match[2].str();
    keys.insert(path);
    open.emplace_back(indentation, path);
  }
  return keys;
}

// Puts a key that cannot be known first into each mapping: the errors then list the known ones.
std::vector<std::string> WithProbes(const std::vector<std::string>& lines) {
  static const std::regex section_line("^( *)[a-z_]+:$");
  static const std::regex list_line("^ *(rules|levels|overrides|receivers|remote_write):$");
  std::vector<std::string> probed = {"zzzzzzzz: 1"};
  for (std::string line : lines) {
    std::smatch match;
    const auto item = line.find("- ");
    if (item != std::string::npos && line.find_first_not_of(' ') == item) {
      probed.push_back(line.substr(0, item) + "- zzzzzzzz: 1");
      line[item] = ' ';
    }
    probed.push_back(line);
    if (!std::regex_match(line, list_line) && std::regex_match(line, match, section_line)) {
      probed.push_back(match[1].str() + "  zzzzzzzz: 1");
    }
  }
  return probed;
}

std::set<std::string> KnownKeys(const std::string& errors) {
  static const std::regex problem(R"(^[^ ]+ (.*)zzzzzzzz: unknown key \(allowed here: (.*)\)$)");
  std::set<std::string> known;
  std::istringstream stream(errors);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    REQUIRE_MESSAGE(std::regex_match(line, match, problem), line);
    const std::string path = std::regex_replace(match[1].str(), std::regex(R"(\[\d+\])"), "");
    std::istringstream names(match[2].str());
    for (std::string name; names >> name;) {
      if (name.back() == ',') name.pop_back();
      known.insert(path + name);
    }
  }
  return known;
}

TEST_CASE("config/agent.yaml says the defaults") {
  const auto defaults = ParseAgentConfig("", kFiles / "agent.yaml", kEnvironment);
  REQUIRE(defaults);
  const auto config = LoadAgentConfig(kFiles / "agent.yaml", kEnvironment);
  CHECK(ErrorOf(config) == "");
  REQUIRE(config);
  CHECK(*config == *defaults);
}

TEST_CASE("config/agent.yaml with every key in force says the defaults, and shows tls") {
  auto expected = ParseAgentConfig("", kFiles / "agent.yaml", kEnvironment);
  REQUIRE(expected);
  expected->tls =
      TlsFiles{.ca = kFiles / "ca.pem", .cert = kFiles / "agent.pem", .key = kFiles / "agent.key"};
  const auto config =
      ParseAgentConfig(Join(Uncommented("agent.yaml")), kFiles / "agent.yaml", kEnvironment);
  CHECK(ErrorOf(config) == "");
  REQUIRE(config);
  CHECK(*config == *expected);
}

TEST_CASE("config/agent.yaml shows every key") {
  const auto lines = Uncommented("agent.yaml");
  const auto config = ParseAgentConfig(Join(WithProbes(lines)), "agent.yaml", kEnvironment);
  REQUIRE_FALSE(config);
  CHECK(KnownKeys(config.error().message) == KeysIn(lines));
}

TEST_CASE("config/collector.yaml says the defaults") {
  const auto config = LoadCollectorConfig(kFiles / "collector.yaml", kEnvironment);
  CHECK(ErrorOf(config) == "");
  REQUIRE(config);
  CHECK(*config == CollectorConfig{});
}

TEST_CASE("config/collector.yaml with every key in force says the defaults, and shows tls") {
  CollectorConfig expected;
  expected.tls = TlsFiles{
      .ca = kFiles / "ca.pem", .cert = kFiles / "collector.pem", .key = kFiles / "collector.key"};
  expected.http.tls = expected.tls;
  expected.crl = kFiles / "crl.pem";
  expected.http.crl = expected.crl;
  expected.operators.listen = Endpoint{.host = "127.0.0.1", .port = 50052};
  expected.operators.tls = expected.tls;
  expected.operators.tls->ca = kFiles / "operators-ca.pem";
  expected.operators.crl = kFiles / "operators-crl.pem";
  expected.operators.tokens = kFiles / "tokens.yaml";
  expected.enrolment = {.listen = Endpoint{.host = "0.0.0.0", .port = 50053},
                        .authority = "/var/lib/edgefeed-collector/ca"};
  const auto config = ParseCollectorConfig(Join(Uncommented("collector.yaml")),
                                           kFiles / "collector.yaml", kEnvironment);
  CHECK(ErrorOf(config) == "");
  REQUIRE(config);
  REQUIRE(config->rules.size() == expected.rules.size() + 4);
  CHECK(config->rules[2].overrides.size() == 2);
  CHECK(config->rules[3].levels.size() == 2);
  expected.rules.insert(expected.rules.end(), config->rules.begin() + 2, config->rules.end());
  REQUIRE(config->remote_writes.size() == 2);
  const RemoteWriteConfig& remote = config->remote_writes[0];
  CHECK(remote.batch_size == RemoteWriteConfig().batch_size);
  CHECK(remote.batch_interval == RemoteWriteConfig().batch_interval);
  CHECK(remote.timeout == RemoteWriteConfig().timeout);
  expected.remote_writes = config->remote_writes;
  CHECK(config->notify.receivers.size() == 2);
  expected.notify = config->notify;
  CHECK(*config == expected);
}

TEST_CASE("config/collector.yaml shows how to hear of certificates that end") {
  const auto config = ParseCollectorConfig(Join(Uncommented("collector.yaml")),
                                           kFiles / "collector.yaml", kEnvironment);
  REQUIRE(config);
  const auto rule = std::ranges::find(config->rules, "CERTIFICATE_EXPIRES", &Rule::name);
  REQUIRE(rule != config->rules.end());
  CHECK(FindMetric(rule->metric) == &metrics::kAgentCertificateExpires);
  CHECK(rule->comparison == Comparison::kBelow);
  using std::chrono::days;
  using std::chrono::seconds;
  const std::array steps{std::pair(Severity::kInfo, days(30)),
                         std::pair(Severity::kWarning, days(7)),
                         std::pair(Severity::kCritical, days(1))};
  REQUIRE(rule->levels.size() == steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CHECK(rule->levels[i].severity == steps[i].first);
    CHECK(rule->levels[i].threshold == static_cast<double>(seconds(steps[i].second).count()));
  }
}

TEST_CASE("config/collector.yaml shows every key") {
  const auto lines = Uncommented("collector.yaml");
  const auto config = ParseCollectorConfig(Join(WithProbes(lines)), "collector.yaml", kEnvironment);
  REQUIRE_FALSE(config);
  auto known = KnownKeys(config.error().message);
  // Instead of above: the text beside it says so.
  for (const std::string level : {"rules", "rules.overrides", "rules.overrides.levels"}) {
    CHECK(known.erase(level + ".below") == 1);
  }
  CHECK(Join(lines).find("`below`") != std::string::npos);
  CHECK(known == KeysIn(lines));
}

}  // namespace
}  // namespace edgefeed
