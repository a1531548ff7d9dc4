#include "common/runtime/child_process.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill and sigset_t are POSIX.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <optional>

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

Result<pid_t> Spawn(const Command& command) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  ResetSignals(attributes);
  std::vector<char*> argv = Pointers(command.argv);
  argv.push_back(nullptr);
  std::vector<char*> environment = Pointers(command.environment);
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  environment.push_back(nullptr);
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
  explicit Impl(Strand& on) : strand(on), child_ended(on.context(), SIGCHLD) {}

  void WaitForChild() {
    child_ended.async_wait([weak = weak_from_this()](const boost::system::error_code& error, int) {
      const auto self = weak.lock();
      if (error || self == nullptr) return;
      self->Reap();
      self->WaitForChild();
    });
  }

  void Reap() {
    int status = 0;
    if (!pid || ::waitpid(*pid, &status, WNOHANG) != *pid) return;
    pid.reset();
    timeout.Cancel();
    const Done finished = std::move(done);
    if (timed_out) {
      finished(
          Error{Code::kDeadlineExceeded, program + ": killed after " + FormatDuration(time_limit)});
    } else {
      finished(ExitStatus(status));
    }
  }

  Strand& strand;
  boost::asio::signal_set child_ended;
  std::optional<pid_t> pid;
  std::string program;
  std::chrono::milliseconds time_limit{};
  bool timed_out = false;
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
  const auto pid = Spawn(command);
  if (!pid) return impl_->strand.Post([done, error = pid.error()] { done(error); });
  impl_->pid = *pid;
  impl_->program = command.argv[0];
  impl_->time_limit = command.timeout;
  impl_->timed_out = false;
  impl_->done = std::move(done);
  impl_->timeout = impl_->strand.RunAfter(command.timeout, [impl = impl_.get()] {
    impl->timed_out = true;
    ::kill(-*impl->pid, SIGKILL);
  });
}

}  // namespace edgefeed
