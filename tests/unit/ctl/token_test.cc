#include "ctl/token.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <sstream>
#include <string>

#include "common/base/file.h"
#include "common/tokens/token_file.h"
#include "ctl/run.h"
#include "ctl/settings.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

struct Session {
  int Run(std::vector<std::string> arguments) {
    out.str({});
    err.str({});
    arguments.insert(arguments.begin(), "token");
    arguments.insert(arguments.end(), {"--file", file().string()});
    const Environment environment = [](const std::string&) { return std::nullopt; };
    const MakeClient no_client =
        [](const ClientOptions&) -> Result<std::unique_ptr<CollectorClient>> {
      return Error{Code::kInternal, "no collector is needed"};
    };
    Console console{.out = out, .err = err};
    return RunCtl(arguments, {environment, clock, no_client, console});
  }
  std::filesystem::path file() const { return directory.path() / "tokens.yaml"; }

  TempDir directory;
  ManualClock clock;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_CASE("a new token is printed once, and the file knows it by its digest only") {
  Session session;
  REQUIRE(session.Run({"new", "kim", "--role", "operator", "--lasts", "10d"}) == kExitDone);
  std::string secret = session.out.str();
  REQUIRE(secret.ends_with("\n"));
  secret.pop_back();
  CHECK(session.err.str().find(secret) == std::string::npos);
  CHECK(ReadSmallFile(session.file())->find(secret) == std::string::npos);
  const auto tokens = ReadTokenFile(session.file());
  REQUIRE(tokens);
  const AccessToken* token = FindToken(*tokens, secret);
  REQUIRE(token != nullptr);
  CHECK(token->name == "kim");
  CHECK(token->role == Role::kOperator);
  CHECK(token->expires == session.clock.Wall() + 240h);

  CHECK(session.Run({"ls"}) == kExitDone);
  CHECK(session.out.str() ==
        "kim  operator  " + FormatTime(session.clock.Wall() + 240h) + "  valid\n");
}

TEST_CASE("a name has one token, until it expires or is taken away") {
  Session session;
  REQUIRE(session.Run({"new", "kim", "--role", "viewer"}) == kExitDone);
  REQUIRE(session.Run({"new", "pat", "--role", "admin"}) == kExitDone);
  CHECK(session.Run({"new", "kim", "--role", "admin"}) == kExitFailed);
  CHECK(session.err.str().find("'kim' has a token until") != std::string::npos);
  session.clock.Advance(91 * 24h);
  CHECK(session.Run({"new", "kim", "--role", "admin"}) == kExitDone);
  CHECK(ReadTokenFile(session.file())->size() == 2);
  CHECK(session.Run({"rm", "kim"}) == kExitDone);
  CHECK(session.Run({"rm", "kim"}) == kExitFailed);
  CHECK(ReadTokenFile(session.file())->size() == 1);
}

TEST_CASE("wrong wishes change nothing") {
  Session session;
  CHECK(session.Run({"new", "kim"}) == kExitUsage);
  CHECK(session.Run({"new", "kim", "--role", "device"}) == kExitUsage);
  CHECK(session.Run({"new", "kim", "--role", "root"}) == kExitUsage);
  CHECK(session.Run({"new", "kim", "--role", "admin", "--lasts", "400d"}) == kExitUsage);
  CHECK(session.Run({"new", "k m", "--role", "admin"}) == kExitFailed);
  CHECK_FALSE(std::filesystem::exists(session.file()));
  CHECK(session.Run({"ls"}) == kExitFailed);
  // A file that is wrong is not replaced by one that has forgotten everybody.
  static_cast<void>(session.directory.Write("tokens.yaml", "tokens: [{name: kim}]\n"));
  CHECK(session.Run({"new", "pat", "--role", "admin"}) == kExitFailed);
  CHECK(*ReadSmallFile(session.file()) == "tokens: [{name: kim}]\n");
}

TEST_CASE("a token is taken from the option, the environment or the file, in this order") {
  const TempDir directory;
  const auto write = [&](const std::string& name, const std::string& text) {
    auto file = directory.Write(name, text);
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    return file;
  };
  const CtlConfig config{.token = write("config", "one\n")};
  CtlOptions options;
  options.token_file = write("option", "three\n").string();
  CHECK(ResolveTarget(options, {.token = "two"}, config)->token == "three");
  CHECK(ResolveTarget({}, {.token = "two"}, config)->token == "two");
  CHECK(ResolveTarget({}, {}, config)->token == "one");
  CHECK(ResolveTarget({}, {}, {})->token.empty());

  options.token_file = write("empty", "\n").string();
  CHECK_FALSE(ResolveTarget(options, {}, {}));
  options.token_file = write("two", "a b\n").string();
  CHECK_FALSE(ResolveTarget(options, {}, {}));
  REQUIRE(::chmod((directory.path() / "config").c_str(), 0644) == 0);
  const auto open = ResolveTarget({}, {}, config);
  REQUIRE_FALSE(open);
  CHECK(open.error().message.ends_with("everybody on this host may read this token (chmod 600)"));
}

TEST_CASE("a token leaves this host by TLS only, whatever else is allowed") {
  CtlOptions far;
  far.collector = Endpoint{"10.0.0.1", 50051};
  far.allow_plaintext = true;
  const auto refused = ResolveTarget(far, {.token = "secret"}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "a token is not sent in plaintext to 10.0.0.1:50051, which is not this host (use --ca FILE "
        "for TLS)");
  far.tls.ca = "ca.pem";
  CHECK(ResolveTarget(far, {.token = "secret"}, {}));
  CHECK_FALSE(ResolveTarget(far, {.token = "sec\nret"}, {}));
}

}  // namespace
}  // namespace edgefeed
