#include "common/runtime/child_process.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill and sigset_t are POSIX.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/base/unique_fd.h"
#include "common/base/units.h"
#include "common/runtime/strand.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): not in every <unistd.h>.

namespace edgefeed {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  return pointers;
}

// Our own blocked and ignored signals must not be inherited.
void ResetSignals(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

struct OutputPipe {
  UniqueFd read;
  UniqueFd write;
};

Result<OutputPipe> MakeOutputPipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  return OutputPipe{.read = UniqueFd(ends[0]), .write = UniqueFd(ends[1])};
}

std::vector<char*> EnvironmentOf(const Command& command) {
  std::vector<char*> environment = Pointers(command.environment);
  for (char** entry = environ; command.inherits_environment && *entry != nullptr; ++entry) {
    environment.push_back(*entry);
  }
  environment.push_back(nullptr);
  return environment;
}

// `output`: where stdout and stderr go.
Result<pid_t> Spawn(const Command& command, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, command.stdin_file.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  ResetSignals(attributes);
  std::vector<char*> argv = Pointers(command.argv);
  argv.push_back(nullptr);
  std::vector<char*> environment = EnvironmentOf(command);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, argv[0], &files, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return ErrnoError(command.argv[0], error);
  return pid;
}

int ExitStatus(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

struct ChildProcessRunner::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(Strand& on)
      : strand(on), child_ended(on.context(), SIGCHLD), output(on.context()) {}

  void WaitForChild() {
    child_ended.async_wait([weak = weak_from_this()](const boost::system::error_code& error, int) {
      const auto self = weak.lock();
      if (error || self == nullptr) return;
      self->Reap();
      self->WaitForChild();
    });
  }

  void WaitForOutput() {
    output.async_wait(Output::wait_read,
                      [weak = weak_from_this()](const boost::system::error_code& error) {
                        const auto self = weak.lock();
                        if (error || self == nullptr) return;
                        if (self->ReadOutput()) self->WaitForOutput();
                      });
  }

  // What is there now. False when there will be no more.
  bool ReadOutput() {
    std::array<char, 16384> buffer{};
    while (output.is_open()) {
      boost::system::error_code error;
      const std::size_t size = output.read_some(boost::asio::buffer(buffer), error);
      if (error == boost::asio::error::would_block) return true;
      if (error) break;
      TakeOutput({buffer.data(), size});
    }
    output.close();
    return false;
  }

  void TakeOutput(std::string_view bytes) {
    if (failure) return;
    if (bytes.size() > output_left) {
      Kill({Code::kResourceExhausted, command.argv[0] + ": killed after " +
                                          FormatBytes({command.output_limit}) + " of output"});
      return;
    }
    output_left -= bytes.size();
    command.on_output(bytes);
  }

  void Kill(Error why) {
    failure = std::move(why);
    if (pid) ::kill(-*pid, SIGKILL);
  }

  void Reap() {
    int status = 0;
    if (!pid || ::waitpid(*pid, &status, WNOHANG) != *pid) return;
    pid.reset();
    ReadOutput();
    output.close();  // What it started may live on; nobody listens to that.
    timeout.Cancel();
    const Done finished = std::move(done);
    if (failure) {
      finished(*std::exchange(failure, std::nullopt));
    } else {
      finished(ExitStatus(status));
    }
  }

  using Output = boost::asio::posix::stream_descriptor;

  Strand& strand;
  boost::asio::signal_set child_ended;
  std::optional<pid_t> pid;
  Command command;
  Output output;  // Its end of the pipe, while somebody listens.
  std::size_t output_left = 0;
  std::optional<Error> failure;  // Why it was killed.
  Timer timeout;
  Done done;
};

ChildProcessRunner::ChildProcessRunner(Strand& strand) : impl_(std::make_shared<Impl>(strand)) {
  impl_->WaitForChild();
}

ChildProcessRunner::~ChildProcessRunner() {
  if (!impl_->pid) return;
  ::kill(-*impl_->pid, SIGKILL);
  ::waitpid(*impl_->pid, nullptr, 0);
}

void ChildProcessRunner::Run(const Command& command, Done done) {
  const auto fail = [&](Error error) {
    impl_->strand.Post([done, error = std::move(error)] { done(error); });
  };
  OutputPipe pipe;
  if (command.on_output) {
    auto made = MakeOutputPipe();
    if (!made) return fail(made.error());
    pipe = *std::move(made);
  }
  const auto pid = Spawn(command, command.on_output ? pipe.write.get() : STDERR_FILENO);
  if (!pid) return fail(pid.error());
  impl_->pid = *pid;
  impl_->command = command;
  impl_->output_left = command.output_limit;
  impl_->done = std::move(done);
  impl_->timeout = impl_->strand.RunAfter(command.timeout, [impl = impl_.get()] {
    impl->Kill({Code::kDeadlineExceeded,
                impl->command.argv[0] + ": killed after " + FormatDuration(impl->command.timeout)});
  });
  if (!command.on_output) return;
  impl_->output.assign(pipe.read.Release());
  impl_->output.non_blocking(true);
  impl_->WaitForOutput();
}

}  // namespace edgefeed
