#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <utility>

#include "ctl/preferences.h"
#include "ctl/settings.h"

namespace edgefeed {
namespace {

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "ctl-config-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    std::ofstream(path()) << text;
  }
  ~ConfigFile() { std::filesystem::remove_all(directory_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  [[nodiscard]] std::filesystem::path path() const { return directory_ / "ctl.yaml"; }
  [[nodiscard]] std::filesystem::path directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};

Environment With(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST_CASE("ctl.yaml says where the collector is") {
  const ConfigFile file(
      "collector: hub.example:50051\ntls: {ca: ca.pem, cert: /etc/me.pem, key: me.key}\n");

  const auto config = LoadCtlConfig(file.path(), With({}));

  REQUIRE(config);
  CHECK(config->collector == Endpoint{"hub.example", 50051});
  CHECK(config->tls.ca == file.directory() / "ca.pem");
  CHECK(config->tls.cert == "/etc/me.pem");
  CHECK(!config->allow_plaintext);
}

TEST_CASE("a wrong ctl.yaml is refused with its place") {
  const ConfigFile file("collecter: hub:1\nallow_plaintext: maybe\n");

  const auto config = LoadCtlConfig(file.path(), With({}));

  REQUIRE(!config);
  CHECK(config.error().message.find("ctl.yaml:1:1: collecter") != std::string::npos);
  CHECK(config.error().message.find("did you mean collector?") != std::string::npos);
  CHECK(config.error().message.find("ctl.yaml:2:") != std::string::npos);
}

TEST_CASE("the first default file that exists counts, and none is needed") {
  const ConfigFile file("collector: hub:1\n");
  const Preferences preferences{.config_files = {"/nonexistent/ctl.yaml", file.path()}};

  const auto found = FindConfig({}, preferences, With({}));
  REQUIRE(found);
  CHECK(found->collector == Endpoint{"hub", 1});
  const auto none = FindConfig({}, {}, With({}));
  REQUIRE(none);
  CHECK(!none->collector);
  CHECK(!FindConfig({.config_file = "/nonexistent/ctl.yaml"}, preferences, With({})));
}

TEST_CASE("options win over the environment, and that over the file") {
  const CtlConfig config{.collector = Endpoint{"localhost", 3}};
  const Preferences preferences{.collector = "localhost:2"};
  const CtlOptions options{.collector = Endpoint{"localhost", 1}};

  CHECK(ResolveTarget(options, preferences, config)->collector.port == 1);
  CHECK(ResolveTarget({}, preferences, config)->collector.port == 2);
  CHECK(ResolveTarget({}, {}, config)->collector.port == 3);
  CHECK(ResolveTarget({}, {}, {})->collector == Endpoint{"localhost", 50051});
  const auto bad = ResolveTarget({}, {.collector = "nonsense"}, config);
  REQUIRE(!bad);
  CHECK(bad.error().message.starts_with("EDGEFEED_COLLECTOR: "));
}

TEST_CASE("plaintext leaves this host only when allowed") {
  const CtlOptions far{.collector = Endpoint{"10.0.0.1", 50051}};
  const auto refused = ResolveTarget(far, {}, {});
  REQUIRE(!refused);
  CHECK(refused.error().message.find("10.0.0.1:50051") != std::string::npos);
  CHECK(refused.error().message.find("--allow-plaintext") != std::string::npos);

  CHECK(ResolveTarget(far, {}, {.allow_plaintext = true}));
  CtlOptions allowed = far;
  allowed.allow_plaintext = true;
  CHECK(ResolveTarget(allowed, {}, {}));
  CtlOptions encrypted = far;
  encrypted.tls.ca = "ca.pem";
  const auto target = ResolveTarget(encrypted, {}, {});
  REQUIRE(target);
  CHECK(target->tls == TlsFiles{.ca = "ca.pem"});
}

TEST_CASE("TLS files of options and file are put together, and must be complete") {
  const CtlConfig config{.tls = {.ca = "ca.pem", .cert = "file.pem", .key = "file.key"}};
  const auto target = ResolveTarget({.tls = {.cert = "mine.pem", .key = "mine.key"}}, {}, config);
  REQUIRE(target);
  CHECK(target->tls == TlsFiles{.ca = "ca.pem", .cert = "mine.pem", .key = "mine.key"});

  CHECK(!ResolveTarget({.tls = {.ca = "ca.pem", .cert = "mine.pem"}}, {}, {}));
  CHECK(!ResolveTarget({.tls = {.cert = "mine.pem", .key = "mine.key"}}, {}, {}));
}

TEST_CASE("the environment says where files are and what the terminal can do") {
  const Preferences full =
      ReadPreferences(With({{"HOME", "/home/me"}, {"TERM", "xterm"}, {"LANG", "en_US.UTF-8"}}));
  CHECK(full.config_files == std::vector<std::filesystem::path>{
                                 "/home/me/.config/edgefeed/ctl.yaml", "/etc/edgefeed/ctl.yaml"});
  CHECK(full.wants_colour);
  CHECK(full.has_smart_terminal);
  CHECK(full.speaks_utf8);

  const Preferences plain = ReadPreferences(With({{"XDG_CONFIG_HOME", "/cfg"},
                                                  {"TERM", "xterm"},
                                                  {"NO_COLOR", "1"},
                                                  {"LC_ALL", "C"},
                                                  {"LANG", "en_US.UTF-8"}}));
  CHECK(plain.config_files[0] == "/cfg/edgefeed/ctl.yaml");
  CHECK(!plain.wants_colour);
  CHECK(!plain.speaks_utf8);
  CHECK(!ReadPreferences(With({{"TERM", "dumb"}})).has_smart_terminal);
  CHECK(!ReadPreferences(With({})).has_smart_terminal);
}

}  // namespace
}  // namespace edgefeed
