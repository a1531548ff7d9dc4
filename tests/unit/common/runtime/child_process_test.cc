#include "common/runtime/child_process.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX, not <csignal>.
#include <unistd.h>

#include <fstream>
#include <future>
#include <optional>

#include "common/base/unique_fd.h"
#include "common/runtime/strand.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// A strand with a runner on it.
class Children {
 public:
  Children() {
    RunOn(strand_, [this] { runner_.emplace(strand_); });
  }
  ~Children() { KillAll(); }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  std::future<Result<int>> Start(const Command& command) {
    auto done = std::make_shared<std::promise<Result<int>>>();
    RunOn(strand_, [&] {
      runner_->Run(command, [done](Result<int> status) { done->set_value(std::move(status)); });
    });
    return done->get_future();
  }
  Result<int> Run(const Command& command) { return Start(command).get(); }
  // Returns when a timer of the strand has run.
  void PassTime(std::chrono::milliseconds time) {
    std::promise<void> passed;
    Timer timer;
    RunOn(strand_, [&] { timer = strand_.RunAfter(time, [&] { passed.set_value(); }); });
    passed.get_future().wait();
    RunOn(strand_, [&] { timer.Cancel(); });
  }
  void KillAll() {
    RunOn(strand_, [this] { runner_.reset(); });
  }

 private:
  SystemClock clock_;
  Strand strand_{"children", clock_};
  std::optional<ChildProcessRunner> runner_;
};

Command Shell(const std::string& script, std::chrono::milliseconds timeout = 30s) {
  return Command{.argv = {"/bin/sh", "-c", script}, .environment = {}, .timeout = timeout};
}

// A pipe that children inherit and keep open: it ends when the last of them has.
class Lifeline {
 public:
  Lifeline() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ours_.Reset(ends[0]);
    theirs_.Reset(ends[1]);
  }
  void DropOurEnd() { theirs_.Reset(); }
  [[nodiscard]] std::string Fd() const { return std::to_string(theirs_.get()); }

  // The next line the children wrote; empty when all of them have gone; nothing in time: "stuck".
  [[nodiscard]] std::string Next() const {
    pollfd wait{.fd = ours_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 20'000) != 1) return "stuck";
    char text[64];
    const ssize_t n = ::read(ours_.get(), text, sizeof text);
    return {text, static_cast<std::size_t>(n)};
  }

 private:
  UniqueFd ours_;
  UniqueFd theirs_;
};

TEST_CASE("the exit status comes back") {
  Children children;
  for (const int status : {0, 1, 7, 255}) {
    const auto result = children.Run(Shell("exit " + std::to_string(status)));
    REQUIRE(result);
    CHECK(*result == status);
  }
}

TEST_CASE("a command that a signal ended has 128 more than the signal's number") {
  Children children;
  const auto result = children.Run(Shell("kill -TERM $$; exit 0"));
  REQUIRE(result);
  CHECK(*result == 128 + SIGTERM);
}

TEST_CASE("a command that does not exist, or is not executable, is an error that names it" *
          doctest::test_suite("real_kernel")) {
  const TempDir dir;
  const auto missing = (dir.path() / "missing").string();
  const auto plain = (dir.path() / "plain").string();
  std::ofstream(plain) << "#!/bin/sh\n";
  Children children;

  const auto not_found = children.Run({.argv = {missing}, .environment = {}});
  REQUIRE_FALSE(not_found);
  CHECK(not_found.error() == Error{Code::kNotFound, missing + ": No such file or directory"});

  const auto denied = children.Run({.argv = {plain}, .environment = {}});
  REQUIRE_FALSE(denied);
  CHECK(denied.error() == Error{Code::kPermissionDenied, plain + ": Permission denied"});

  CHECK(children.Run(Shell("exit 0")));  // The runner is free again.
}

TEST_CASE("arguments and environment arrive as given, beside our own environment") {
  Children children;
  Command command =
      Shell(R"(test "$0" = 'a $b "c' && test "$EXTRA" = 'd  e;f' && test -n "$PATH")");
  command.argv.emplace_back("a $b \"c");
  command.environment = {"EXTRA=d  e;f"};
  const auto result = children.Run(command);
  REQUIRE(result);
  CHECK(*result == 0);
}

TEST_CASE("a command reads nothing from stdin") {
  Children children;
  const auto result = children.Run(Shell("if read line; then exit 1; else exit 42; fi"));
  REQUIRE(result);
  CHECK(*result == 42);
}

TEST_CASE("a command reads the file that it is given") {
  const TempDir dir;
  Command command = Shell("read line; test \"$line\" = hello");
  command.stdin_file = dir.Write("input", "hello\n");
  Children children;
  const auto result = children.Run(command);
  REQUIRE(result);
  CHECK(*result == 0);
}

TEST_CASE("what a command writes reaches the listener before its end does") {
  Children children;
  std::string output;
  Command command = Shell("echo out; echo err >&2; exit 3");
  command.on_output = [&output](std::string_view bytes) { output.append(bytes); };
  for (int i = 0; i < 20; ++i) {
    output.clear();
    const auto result = children.Run(command);
    REQUIRE(result);
    CHECK(*result == 3);
    CHECK(output == "out\nerr\n");
  }
}

TEST_CASE("much output arrives whole and in order, up to the limit, and over it ends the command") {
  Children children;
  std::string output;
  Command command = Shell("i=10000; while [ $i -lt 30000 ]; do echo $i; i=$((i + 1)); done");
  command.on_output = [&output](std::string_view bytes) { output.append(bytes); };
  constexpr std::size_t kLines = 20000;
  command.output_limit = kLines * 6;
  REQUIRE(children.Run(command));
  REQUIRE(output.size() == kLines * 6);
  for (std::size_t i = 0; i < kLines; ++i) {
    REQUIRE(output.substr(6 * i, 5) == std::to_string(10000 + i));
  }

  --command.output_limit;
  output.clear();
  const auto killed = children.Run(command);
  REQUIRE_FALSE(killed);
  CHECK(killed.error().code == Code::kResourceExhausted);
  CHECK(output.size() < kLines * 6);
}

TEST_CASE("output that a command's own child still holds open is not waited for") {
  Children children;
  std::string output;
  Command command = Shell("sleep 1000 & echo $!");
  command.on_output = [&output](std::string_view bytes) { output.append(bytes); };
  const auto result = children.Run(command);
  REQUIRE(result);
  CHECK(children.Run(Shell("exit 0")));
  CHECK(::kill(std::stoi(output), SIGKILL) == 0);  // It was still there.
}

TEST_CASE("a command without our environment has its own only") {
  Children children;
  std::string output;
  Command command{.argv = {"/usr/bin/env"}, .environment = {"ONLY=this"}};
  command.inherits_environment = false;
  command.on_output = [&output](std::string_view bytes) { output.append(bytes); };
  REQUIRE(children.Run(command));
  CHECK(output == "ONLY=this\n");
}

TEST_CASE("our blocked signals are not inherited") {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  Children children;  // Its thread inherits the mask.
  pthread_sigmask(SIG_SETMASK, &before, nullptr);

  const auto result = children.Run(Shell("kill -TERM $$; exit 0"));
  REQUIRE(result);
  CHECK(*result == 128 + SIGTERM);
}

TEST_CASE("after the timeout the command and all it started are killed") {
  Lifeline lifeline;
  Children children;
  // The grandchild ignores what would end it politely.
  const auto status = children.Run(
      Shell("(trap '' TERM HUP; echo up >&" + lifeline.Fd() + "; sleep 1000) & wait", 500ms));
  lifeline.DropOurEnd();

  REQUIRE_FALSE(status);
  CHECK(status.error() == Error{Code::kDeadlineExceeded, "/bin/sh: killed after 500ms"});
  CHECK(lifeline.Next() == "up\n");
  CHECK(lifeline.Next().empty());
}

TEST_CASE("a command that ends in time is not killed later") {
  Children children;
  CHECK(children.Run(Shell("exit 0", 50ms)));
  children.PassTime(60ms);
  CHECK(children.Run(Shell("exit 0", 100ms)));
  const auto second =
      children.Run(Shell("sleep 0.3; exit 3"));  // Outlives the first one's timeout.
  REQUIRE(second);
  CHECK(*second == 3);
}

TEST_CASE("destroying the runner kills what still runs, and its answer never comes") {
  Lifeline lifeline;
  Children children;
  auto status = children.Start(Shell("echo up >&" + lifeline.Fd() + "; sleep 1000 & wait"));
  lifeline.DropOurEnd();
  REQUIRE(lifeline.Next() == "up\n");

  children.KillAll();

  CHECK(lifeline.Next().empty());
  CHECK_THROWS_AS(status.get(), std::future_error);  // A broken promise: dropped, not called.
}

}  // namespace
}  // namespace edgefeed
