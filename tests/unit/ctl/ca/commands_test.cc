#include "ctl/ca/commands.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>
#include <variant>

#include "common/base/file.h"
#include "common/digest/enrol_token.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

// The words that `edgefeedctl ca` prints. What is in its files has tests of its own.
namespace edgefeed {
namespace {

using doctest::Contains;
using Words = std::vector<std::string>;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

struct Session {
  // What it prints, or "error: " and why not.
  std::string Run(Words arguments) {
    arguments.insert(arguments.begin(), "ca");
    const auto parsed = ParseCommandLine(arguments);
    if (const auto* early = std::get_if<EarlyExit>(&parsed)) return "usage: " + early->text;
    out.str("");
    const Status done =
        RunCa(std::get<CtlOptions>(parsed), {.ca_directory = ca_path}, clock, console);
    return done ? out.str() : "error: " + done.error().message;
  }
  std::string Issue(Words words) {
    words.insert(words.begin(), "issue");
    words.insert(words.end(), {"--out", (dir.path() / "out").string()});
    return Run(words);
  }

  TempDir dir;
  std::filesystem::path ca_path = dir.path() / "home" / "ca";
  ManualClock clock;
  std::ostringstream out;
  Console console{.out = out, .err = out};
};

TEST_CASE("a token is printed alone, listed while it is unused, and ended by id or name") {
  Session session;
  session.Run({"init"});
  const std::string token = session.Run({"enrol-token", "cam-1"});
  const auto parsed = ParseEnrolToken(token.substr(0, token.find('\n')));
  REQUIRE(parsed);
  CHECK(Text(token) ==
        Contains("\ndevice cam-1 can enrol with it once, until 2023-11-15 22:13:20"));
  CHECK(Text(session.Run({"ls"})) == Contains(("unused  " + parsed->id).c_str()));
  CHECK(Text(session.Run({"--json", "ls"})) ==
        Contains((R"({"id":")" + parsed->id + R"(","kind":"token","name":"cam-1")").c_str()));
  CHECK_FALSE(Text(session.Run({"ls"})) == Contains(parsed->secret.c_str()));
  CHECK(session.Run({"revoke", parsed->id}) == "device cam-1: token " + parsed->id + " is ended\n");
  CHECK_FALSE(Text(session.Run({"ls"})) == Contains(parsed->id.c_str()));
  CHECK(session.Run({"revoke", "cam-1"}).starts_with("error: nothing was issued for 'cam-1'"));
  session.Run({"enrol-token", "cam-1", "--lasts", "1h"});
  CHECK(Text(session.Run({"revoke", "device/cam-1"})) == Contains(" is ended\n"));
  session.Issue({"device", "cam-1"});
  CHECK(Text(session.Run({"enrol-token", "cam-1"})) == Contains("device cam-1 has a certificate"));
  for (const Words& wrong : {Words{"enrol-token"}, Words{"enrol-token", "a", "b"},
                             Words{"enrol-token", "a", "--lasts", "31d"}}) {
    CHECK(session.Run(wrong).starts_with("usage: "));
  }
}

TEST_CASE("init makes a CA in the user's directory, and says where and what next") {
  Session session;
  const std::string said = session.Run({"init", "--name", "Lab CA", "--lasts", "365d"});
  CHECK(said.starts_with("Lab CA: good until 2024-11-13 22:13:20 UTC\n"));
  CHECK(Text(said) == Contains((session.ca_path / "ca.key").c_str()));
  CHECK(Text(said) == Contains("Next: edgefeedctl ca issue collector HOST..."));
  CHECK(session.Run({"init"}).starts_with("error: " + session.ca_path.string() + ": is there"));
  CHECK(session.Run({"init", "--dir", (session.dir.path() / "two/").string()})
            .starts_with("Edgefeed CA 1700000000000: good until 2033-11-11"));
  CHECK(session.Run({"init", "--dir", (session.dir.path() / "x").string(), "--name", "a\nb"})
            .starts_with("error: --name: "));
  CHECK(session.Run({"init", "--dir", "x", "--name", std::string(65, 'n')})
            .starts_with("error: --name: "));
}

TEST_CASE("issue says which files there are and the two lines that use them") {
  Session session;
  REQUIRE(session.Run({"init"}).starts_with("Edgefeed CA"));
  const std::string device = session.Issue({"device", "cam"});
  CHECK(Text(device) == Contains(", good until 2024-02-12 22:13:20 UTC\n"));
  CHECK(Text(device) == Contains((session.dir.path() / "out" / "agent.key").c_str()));
  CHECK(
      device.ends_with("Copy them to /etc/edgefeed on the device, where agent.yaml says:\n"
                       "  service_name: cam\n"
                       "  tls: {ca: ca.pem, cert: agent.pem, key: agent.key}\n"));
  std::filesystem::remove_all(session.dir.path() / "out");
  const std::string collector = session.Issue({"collector", "hub", "10.0.0.1"});
  CHECK(
      collector.ends_with("  listen: 0.0.0.0:50051\n  tls: {cert: collector.pem, key: "
                          "collector.key, client_ca: ca.pem, crl: crl.pem}\n"));
  std::filesystem::remove_all(session.dir.path() / "out");
  const std::string person = session.Issue({"viewer", "bob", "--lasts", "1h"});
  CHECK(Text(person) == Contains("viewer bob: certificate "));
  CHECK(Text(person) == Contains("good until 2023-11-14 23:13:20 UTC"));
  CHECK(person.ends_with("  tls: {ca: ca.pem, cert: me.pem, key: me.key}\n"));
}

TEST_CASE("what cannot be issued is refused with the word that is wrong") {
  Session session;
  CHECK(session.Issue({"device", "cam"}) == "error: " + session.ca_path.string() +
                                                ": holds no CA: `edgefeedctl ca init --dir " +
                                                session.ca_path.string() + "` makes one");
  REQUIRE(session.Run({"init"}).starts_with("Edgefeed CA"));
  CHECK(session.Issue({"robot", "x"}) ==
        "error: 'robot' is not device, collector, viewer, operator or admin");
  CHECK(session.Issue({"device", "../x"}) ==
        "error: device: service_name '../x' may only hold letters, digits and . _ : -");
  CHECK(session.Issue({"device", "x", "--request", "/nonexistent"})
            .starts_with("error: /nonexistent: No such file"));
  CHECK(session.Issue({"device", "x", "--lasts", "0s"}).starts_with("usage: "));
  CHECK(session.Issue({"device", "x", "--lasts", "8000d"}).starts_with("usage: "));
  CHECK(session.Run({}).starts_with("usage: "));
  session.ca_path = "";
  CHECK(session.Issue({"device", "x"}) ==
        "error: there is no home directory to look in: say --dir DIR");
}

TEST_CASE("ls has what expires next first, and what is over last") {
  Session session;
  REQUIRE(session.Run({"init"}).starts_with("Edgefeed CA"));
  for (const auto& [name, lasts] : {std::pair("long", "300d"), std::pair("gone", "1d"),
                                    std::pair("soon", "20d"), std::pair("bad", "10d")}) {
    REQUIRE(session
                .Run({"issue", "device", name, "--lasts", lasts, "--out",
                      (session.dir.path() / name).string()})
                .starts_with("device "));
  }
  REQUIRE(session.Run({"revoke", "bad"}).starts_with("device bad: certificate "));
  session.clock.Advance(std::chrono::hours(30));

  const std::string listed = session.Run({"ls"});
  std::size_t at = 0;
  for (const auto* const row :
       {"EXPIRES", "ca ", "device  soon", "device  long", "device  gone", "device  bad"}) {
    CAPTURE(row);
    const std::size_t found = listed.find(row, at);
    CHECK(found != std::string::npos);
    at = found;
  }
  CHECK(Text(listed) == Contains("expired"));
  CHECK(Text(listed) == Contains("revoked"));

  const std::string json = session.Run({"ls", "--json"});
  CHECK(Text(json) == Contains(R"("kind":"ca","name":"Edgefeed CA 1700000000000")"));
  CHECK(Text(json) == Contains(R"("kind":"device","name":"gone","hosts":[],)"
                               R"("issued":"2023-11-14T22:13:20.000Z",)"
                               R"("expires":"2023-11-15T22:13:20.000Z","revoked":null,)"
                               R"("state":"expired"})"));
  CHECK(Text(json) == Contains(R"("revoked":"2023-11-14T22:13:20.000Z","state":"revoked"})"));
}

TEST_CASE("revoke and renew say what is to be copied where") {
  Session session;
  REQUIRE(session.Run({"init"}).starts_with("Edgefeed CA"));
  REQUIRE(session.Issue({"device", "cam"}).starts_with("device cam"));
  const std::string renewed =
      session.Run({"renew", "cam", "--out", (session.dir.path() / "out").string()});
  CHECK(renewed.ends_with("Copy it over the old agent.pem, which is good until it expires.\n"));
  const std::string copy = "Copy " + (session.ca_path / "crl.pem").string() +
                           " to the collector, over the file that its tls.crl names.\n";
  CHECK(session.Run({"revoke", "cam"}).ends_with(" is revoked\n" + copy));
  CHECK(session.Run({"revoke", "cam"}) == "nothing to do: all of it is revoked already\n" + copy);
  CHECK(session.Run({"revoke", "door"}) ==
        "error: nothing was issued for 'door': `edgefeedctl ca ls` lists names and serial numbers");
}

}  // namespace
}  // namespace edgefeed
