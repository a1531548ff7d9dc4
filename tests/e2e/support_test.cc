// The tools of the end-to-end tests, tested on programs that every system has.

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <filesystem>
#include <string>

#include "tests/support/faulty_proxy.h"
#include "tests/support/free_port.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

ProgramSpec Shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

TEST_CASE("a program's lines are seen while it runs") {
  Program program(Shell("echo one; echo two >&2; echo port 4711 chosen; exec sleep 60"));

  CHECK(program.WaitForLine("one", 10s) == "one");
  CHECK(program.WaitForPort("port ", 10s) == 4711);
  CHECK_FALSE(program.Wait(0ms));

  program.Signal(SIGTERM);
  CHECK(program.Wait(10s) == 128 + SIGTERM);
  CHECK(program.Output(Stream::kStderr) == "two\n");
  CHECK(program.CountLines("o") == 3);
}

TEST_CASE("the wait for a line goes on behind the last one, and ends with the program") {
  Program program(Shell("echo again; echo again; echo no newline | tr -d '\\n'; exit 3"));

  CHECK(program.WaitForLine("again", 10s));
  CHECK(program.WaitForLine("again", 10s));
  CHECK_FALSE(program.WaitForLine("again", 10s));

  CHECK(program.Wait(10s) == 3);
  CHECK(program.Output(Stream::kStdout) == "again\nagain\nno newline");
}

TEST_CASE("a program gets its arguments, environment, directory and input") {
  const TempDir directory;
  const auto input = directory.Write("input", "typed\n");
  Program program({.program = "/bin/sh",
                   .arguments = {"-c", "echo \"$1 $GREETING $HOME\"; pwd; cat", "sh", "a b"},
                   .environment = {"GREETING=hello", "HOME=/nowhere"},
                   .directory = directory.path(),
                   .stdin_file = input});

  CHECK(program.Wait(10s) == 0);
  CHECK(program.Output(Stream::kStdout) ==
        "a b hello /nowhere\n" + directory.path().string() + "\ntyped\n");
}

TEST_CASE("a program that is not there says so") {
  Program program({.program = "/nonexistent/program"});

  CHECK(program.Wait(10s) == 127);
  CHECK(program.Output(Stream::kStderr) ==
        "cannot start /nonexistent/program: No such file or directory\n");
}

TEST_CASE("a program ends with its owner, whatever it has left running") {
  pid_t pid = 0;
  {
    // The grandchild outlives it for a while and keeps its streams open.
    Program program(Shell("sleep 5 & echo started; exec sleep 60"));
    REQUIRE(program.WaitForLine("started", 10s));
    pid = program.pid();
  }
  CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid)));
}

TEST_CASE("a temporary directory goes away with its contents") {
  std::filesystem::path path;
  {
    const TempDir directory;
    path = directory.path();
    CHECK(std::filesystem::exists(directory.Write("file", "text")));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

tcp::endpoint Loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

void Send(tcp::socket& to, std::string_view text) {
  boost::asio::write(to, boost::asio::buffer(text));
}

std::string Receive(tcp::socket& from, std::size_t size) {
  std::string text(size, '\0');
  boost::asio::read(from, boost::asio::buffer(text));
  return text;
}

ErrorCode ReceiveError(tcp::socket& from) {
  char byte = 0;
  ErrorCode error;
  boost::asio::read(from, boost::asio::buffer(&byte, 1), error);
  return error;
}

// A client and a server with the proxy between them.
struct ProxiedConnection {
  ProxiedConnection() { Connect(); }

  void Connect() {
    client = tcp::socket(io);
    client.connect(Loopback(proxy.port()));
    server = acceptor.accept();
  }

  boost::asio::io_context io;
  tcp::acceptor acceptor{io, Loopback(0)};
  FaultyProxy proxy{acceptor.local_endpoint().port()};
  tcp::socket client{io};
  tcp::socket server{io};
};

TEST_CASE("the proxy forwards both ways and passes an orderly end on") {
  ProxiedConnection c;

  Send(c.client, "question");
  CHECK(Receive(c.server, 8) == "question");
  Send(c.server, "answer");
  CHECK(Receive(c.client, 6) == "answer");
  CHECK(c.proxy.accepted() == 1);

  c.server.close();
  CHECK(ReceiveError(c.client) == boost::asio::error::eof);
}

TEST_CASE("a cut resets both sides, and the next connection works") {
  ProxiedConnection c;

  c.proxy.Cut();

  CHECK(ReceiveError(c.client) == boost::asio::error::connection_reset);
  CHECK(ReceiveError(c.server) == boost::asio::error::connection_reset);
  c.Connect();
  Send(c.client, "again");
  CHECK(Receive(c.server, 5) == "again");
  CHECK(c.proxy.accepted() == 2);
}

TEST_CASE("a frozen proxy passes nothing, tells nobody, and loses nothing") {
  ProxiedConnection c;
  Send(c.client, "before");
  CHECK(Receive(c.server, 6) == "before");

  c.proxy.Freeze();
  Send(c.client, "late");
  tcp::socket newcomer(c.io);
  newcomer.connect(Loopback(c.proxy.port()));
  Send(newcomer, "new");

  // Each call visits the proxy's thread: what was sent before has had every chance to pass.
  while (c.proxy.accepted() < 2) {
  }
  CHECK(c.server.available() == 0);
  CHECK(c.client.is_open());
  CHECK(c.proxy.forwarded_bytes() == 6);

  c.proxy.Thaw();
  CHECK(Receive(c.server, 4) == "late");
  auto second = c.acceptor.accept();
  CHECK(Receive(second, 3) == "new");
}

TEST_CASE("who hangs up on a frozen proxy is missed only after the thaw") {
  ProxiedConnection c;
  c.proxy.Freeze();
  c.client.close();

  c.server.non_blocking(true);
  static_cast<void>(c.proxy.accepted());
  CHECK(ReceiveError(c.server) == boost::asio::error::would_block);

  c.server.non_blocking(false);
  c.proxy.Thaw();
  CHECK(ReceiveError(c.server) == boost::asio::error::eof);
}

TEST_CASE("a target that is not there, and a new one") {
  ProxiedConnection c;
  c.proxy.SetTarget(FreePort());
  tcp::socket refused(c.io);
  refused.connect(Loopback(c.proxy.port()));
  CHECK(ReceiveError(refused) == boost::asio::error::eof);

  c.proxy.SetTarget(c.acceptor.local_endpoint().port());
  c.Connect();
  Send(c.server, "hello");
  CHECK(Receive(c.client, 5) == "hello");
}

}  // namespace
}  // namespace edgefeed
