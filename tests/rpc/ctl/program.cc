#include "tests/rpc/ctl/program.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX, not <csignal>.
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

namespace edgefeed {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    read.Reset(ends[0]);
    write.Reset(ends[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A test says what the program's environment is; only how a sanitizer judges is ours to say.
void AddSanitizerOptions(std::vector<std::string>& environment) {
  for (const std::string name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* options = std::getenv(name.c_str()))
      environment.push_back(name + '=' + options);
  }
}

// `command` is a program's path and its arguments.
pid_t Spawn(std::vector<std::string> command, std::vector<std::string> environment,
            const posix_spawn_file_actions_t& files, const posix_spawnattr_t* attributes) {
  AddSanitizerOptions(environment);
  pid_t pid = -1;
  REQUIRE(::posix_spawn(&pid, command[0].c_str(), &files, attributes, Pointers(command).data(),
                        Pointers(environment).data()) == 0);
  return pid;
}

int AwaitExit(pid_t pid) {
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Appends what is there; false at the end.
bool ReadInto(int fd, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void ReadBoth(UniqueFd out, UniqueFd err, Outcome& outcome) {
  while (out.valid() || err.valid()) {
    std::array<pollfd, 2> waiting = {pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    REQUIRE(::poll(waiting.data(), waiting.size(), -1) > 0);
    if (waiting[0].revents != 0 && !ReadInto(out.get(), outcome.out)) out.Reset();
    if (waiting[1].revents != 0 && !ReadInto(err.get(), outcome.err)) err.Reset();
  }
}

std::vector<std::string> ProgramWith(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), EDGEFEEDCTL);
  return arguments;
}

Outcome RunToEnd(const std::vector<std::string>& command, const std::string& input,
                 const std::vector<std::string>& environment) {
  // A file, so that input of any size needs no writer.
  const UniqueFd stdin_file(::memfd_create("stdin", MFD_CLOEXEC));
  REQUIRE(::write(stdin_file.get(), input.data(), input.size()) ==
          static_cast<ssize_t>(input.size()));
  REQUIRE(::lseek(stdin_file.get(), 0, SEEK_SET) == 0);
  Pipe out;
  Pipe err;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, stdin_file.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.write.get(), STDERR_FILENO);
  const pid_t pid = Spawn(command, environment, files, nullptr);
  posix_spawn_file_actions_destroy(&files);
  out.write.Reset();
  err.write.Reset();

  Outcome outcome;
  ReadBoth(std::move(out.read), std::move(err.read), outcome);
  outcome.exit_code = AwaitExit(pid);
  return outcome;
}

}  // namespace

Outcome RunProgram(const std::vector<std::string>& arguments, const std::string& input,
                   const std::vector<std::string>& environment) {
  return RunToEnd(ProgramWith(arguments), input, environment);
}

Outcome RunBash(const std::string& script, const std::vector<std::string>& environment) {
  std::vector<std::string> all = {"EDGEFEEDCTL=" EDGEFEEDCTL};
  all.insert(all.end(), environment.begin(), environment.end());
  return RunToEnd({"/bin/bash", "-c", script}, "", all);
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TerminalProgram::TerminalProgram(const std::vector<std::string>& arguments, unsigned short columns,
                                 unsigned short rows) {
  int master = -1;
  int slave = -1;
  winsize size{.ws_row = rows, .ws_col = columns};
  std::array<char, 64> name{};
  REQUIRE(::openpty(&master, &slave, name.data(), nullptr, &size) == 0);
  terminal_.Reset(master);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  const UniqueFd slave_fd(slave);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  // Opened by the leader of a new session, it becomes the terminal that signals come from.
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, name.data(), O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_ = Spawn(ProgramWith(arguments), {"TERM=xterm", "LANG=C.UTF-8"}, files, &attributes);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
}

bool TerminalProgram::ReadMore() { return ReadInto(terminal_.get(), out_); }

void TerminalProgram::AwaitOutput(const std::string& text) {
  auto found = out_.find(text, awaited_);
  while (found == std::string::npos) {
    CAPTURE(out_);
    REQUIRE(ReadMore());
    found = out_.find(text, awaited_);
  }
  awaited_ = found + text.size();
}

void TerminalProgram::Resize(unsigned short columns, unsigned short rows) {
  const winsize size{.ws_row = rows, .ws_col = columns};
  awaited_ = out_.size();
  REQUIRE(::ioctl(terminal_.get(), TIOCSWINSZ, &size) == 0);
}

void TerminalProgram::Signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }

Outcome TerminalProgram::Finish() {
  while (ReadMore()) {
  }
  return {.exit_code = AwaitExit(pid_), .out = out_, .err = {}};
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "edgefeedctl-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() { std::filesystem::remove_all(path_); }

std::string ScratchDirectory::Write(const std::string& name, const std::string& content) const {
  const auto file = path_ / name;
  std::ofstream(file, std::ios::binary) << content;
  return file.string();
}

}  // namespace edgefeed
