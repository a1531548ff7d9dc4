#include "tests/support/program.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill and sigset_t are POSIX.
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "common/base/text.h"

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgets to say that these are C functions.
}

namespace edgefeed {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kCannotStart = 127;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

std::string_view VariableName(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

// Our own environment with `changes` made to it.
std::vector<std::string> MergedEnvironment(const std::vector<std::string>& changes) {
  std::vector<std::string> merged = changes;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const auto same_name = [variable](const std::string& change) {
      return VariableName(change) == VariableName(*variable);
    };
    if (std::ranges::none_of(changes, same_name)) merged.emplace_back(*variable);
  }
  return merged;
}

// Everything that the child needs, made before the fork: after it, a child of a process with
// threads may only call what is async-signal-safe.
struct Prepared {
  explicit Prepared(const ProgramSpec& spec)
      : program(spec.program),
        directory(spec.directory),
        stdin_file(spec.stdin_file),
        network(spec.network) {
    arguments.push_back(program);
    arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
    environment = MergedEnvironment(spec.environment);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    for (std::string& variable : environment) envp.push_back(variable.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
  std::string program;
  std::string directory;
  std::string stdin_file;
  int network;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
};

[[noreturn]] void BecomeProgram(const Prepared& prepared, pid_t parent, int out, int err) {
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  // Dies with the test, also when a timeout kills that.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int in = ::open(prepared.stdin_file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool ready = in >= 0 && ::dup2(in, STDIN_FILENO) >= 0 &&
                     (prepared.network < 0 || ::setns(prepared.network, CLONE_NEWNET) == 0) &&
                     (prepared.directory.empty() || ::chdir(prepared.directory.c_str()) == 0);
  if (ready) ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  for (const std::string_view part :
       {std::string_view("cannot start "), std::string_view(prepared.program),
        std::string_view(": "), std::string_view(::strerrordesc_np(errno)),
        std::string_view("\n")}) {
    if (::write(STDERR_FILENO, part.data(), part.size()) < 0) break;
  }
  ::_exit(kCannotStart);
}

milliseconds Left(steady_clock::time_point deadline) {
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline - steady_clock::now()));
}

}  // namespace

std::filesystem::path BuiltProgram(std::string_view name) {
  // For agents of other builds: static ones, or a script that runs an emulator.
  if (const char* other = std::getenv("EDGEFEED_TEST_AGENT");  // NOLINT(concurrency-mt-unsafe)
      name == "edgefeed-agent" && other != nullptr) {
    return other;
  }
  // For programs of another build, those that it has.
  if (const char* bin = std::getenv("EDGEFEED_TEST_PROGRAMS");  // NOLINT(concurrency-mt-unsafe)
      bin != nullptr && std::filesystem::exists(std::filesystem::path(bin) / name)) {
    return std::filesystem::path(bin) / name;
  }
  return std::filesystem::path(EDGEFEED_BIN_DIR) / name;
}

Program::Program(ProgramSpec spec)
    : spec_(std::move(spec)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Start();
  reader_ = std::thread([this] { ReadUntilClosed(); });
}

Program::~Program() {
  Kill();
  static_cast<void>(Wait(milliseconds(10000)));
  // What the program started may hold its streams open: do not wait for their end.
  ::eventfd_write(stop_.get(), 1);
  reader_.join();
  FailAtReport();
}

// A sanitizer ends the program, and what the test then misses does not say why.
void Program::FailAtReport() const {
  for (const std::string_view report : {"WARNING: ThreadSanitizer", "ERROR: AddressSanitizer",
                                        "ERROR: LeakSanitizer", ": runtime error: "}) {
    const auto at = sources_[1].all.find(report);
    if (at != std::string::npos) FAIL_CHECK(name(), ": ", sources_[1].all.substr(at, 16'384));
  }
}

void Program::Start() {
  Pipe out;
  Pipe err;
  const Prepared prepared(spec_);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) BecomeProgram(prepared, parent, out.write.get(), err.write.get());
  if (pid_ < 0) throw std::runtime_error("fork failed");
  pidfd_ = UniqueFd(::pidfd_open(pid_, 0));
  sources_[0].fd = std::move(out.read);
  sources_[1].fd = std::move(err.read);
}

void Program::ReadUntilClosed() {
  std::array<pollfd, 3> polled{pollfd{sources_[0].fd.get(), POLLIN, 0},
                               pollfd{sources_[1].fd.get(), POLLIN, 0},
                               pollfd{stop_.get(), POLLIN, 0}};
  while (polled[2].revents == 0 && (polled[0].fd >= 0 || polled[1].fd >= 0)) {
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;  // A signal.
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (polled[i].revents != 0 && !ReadSome(sources_[i])) polled[i].fd = -1;
    }
  }
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool Program::ReadSome(Source& source) {
  std::array<char, 16384> bytes{};
  const ssize_t n = ::read(source.fd.get(), bytes.data(), bytes.size());
  if (n > 0) Keep(source, {bytes.data(), static_cast<std::size_t>(n)});
  return n > 0;
}

void Program::Keep(Source& source, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  source.all += bytes;
  while (true) {
    const auto end = source.all.find('\n', source.line_start);
    if (end == std::string::npos) break;
    lines_.push_back(source.all.substr(source.line_start, end - source.line_start));
    source.line_start = end + 1;
  }
  changed_.notify_all();
}

std::optional<std::string> Program::WaitForLine(std::string_view text, milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  std::unique_lock lock(mutex_);
  while (true) {
    for (; next_line_ < lines_.size(); ++next_line_) {
      if (lines_[next_line_].find(text) != std::string::npos) return lines_[next_line_++];
    }
    if (closed_ || changed_.wait_until(lock, deadline) == std::cv_status::timeout) break;
  }
  const std::string wrote = Everything();
  lock.unlock();
  MESSAGE(name(), " wrote no \"", text, "\" within ", within.count(), " ms. It wrote:\n", wrote);
  return std::nullopt;
}

std::optional<std::uint16_t> Program::WaitForPort(std::string_view text, milliseconds within) {
  const auto line = WaitForLine(text, within);
  if (!line) return std::nullopt;
  const auto digits = std::string_view(*line).substr(line->find(text) + text.size());
  return ParseNumber<std::uint16_t>(digits.substr(0, digits.find_first_not_of("0123456789")));
}

void Program::Signal(int number) const {
  // Not kill(): once the program has been waited for, its number may be another's.
  if (!exit_status_) ::pidfd_send_signal(pidfd_.get(), number, nullptr, 0);
}

void Program::Kill() const { Signal(SIGKILL); }

std::optional<int> Program::Wait(milliseconds within) {
  if (exit_status_) return exit_status_;
  const auto deadline = steady_clock::now() + within;
  pollfd ended{pidfd_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, static_cast<int>(Left(deadline).count()));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  exit_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  // A process that it left behind may keep its streams open: a second is enough for what was
  // written.
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(1), [this] { return closed_; });
  return exit_status_;
}

std::string Program::Output(Stream stream) const {
  const std::lock_guard lock(mutex_);
  return sources_.at(stream == Stream::kStdout ? 0 : 1).all;
}

std::size_t Program::CountLines(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(
      lines_, [text](const std::string& line) { return line.find(text) != std::string::npos; }));
}

std::string Program::Everything() const { return sources_[0].all + sources_[1].all; }

}  // namespace edgefeed
