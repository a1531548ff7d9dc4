#include "common/runtime/strand.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <latch>
#include <thread>

#include "common/runtime/task_queue.h"

namespace edgefeed {
namespace asio = boost::asio;
namespace {

// A handler may be queued already when its timer is cancelled: `cancelled` keeps it from running.
struct TimerState {
  TimerState(asio::io_context& context, SteadyTime due, Task to_run)
      : timer(context, due), task(std::move(to_run)) {}
  void RunUnlessCancelled() {
    if (cancelled) return;
    // The task may destroy its own Timer: run it from here, not from the state.
    const Task due_task = std::move(task);
    due_task();
  }
  asio::steady_timer timer;
  Task task;
  bool cancelled = false;
};

class StrandTimer final : public Timer::Entry {
 public:
  explicit StrandTimer(std::shared_ptr<TimerState> state) : state_(std::move(state)) {}
  ~StrandTimer() override {
    state_->cancelled = true;
    state_->timer.cancel();
  }
  StrandTimer(const StrandTimer&) = delete;
  StrandTimer& operator=(const StrandTimer&) = delete;

 private:
  std::shared_ptr<TimerState> state_;  // Shared with the pending handler.
};

}  // namespace

struct Strand::Impl {
  explicit Impl(const Clock& source) : clock(source) {}
  const Clock& clock;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  TaskQueue tasks;  // After the context: a task that never ran may hold a timer of it.
  std::thread thread;

  void Wake(TaskQueue::Home home) {
    if (home == TaskQueue::Home::kWanted) asio::post(context, [this] { Wake(tasks.RunWaiting()); });
  }
};

Strand::Strand(const std::string& name, const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->context.run(); });
  ::pthread_setname_np(impl_->thread.native_handle(), name.c_str());
}

Strand::~Strand() {
  impl_->context.stop();
  impl_->thread.join();
}

SteadyTime Strand::Now() const { return impl_->clock.Steady(); }

WallTime Strand::WallNow() const { return impl_->clock.Wall(); }

std::chrono::milliseconds Strand::SinceBoot() const { return impl_->clock.SinceBoot(); }

void Strand::Post(Task task) { impl_->Wake(impl_->tasks.Post(std::move(task))); }

void Strand::Dispatch(Task task) { impl_->Wake(impl_->tasks.Dispatch(std::move(task))); }

Timer Strand::RunAt(SteadyTime due, Task task) {
  auto state = std::make_shared<TimerState>(impl_->context, due, std::move(task));
  state->timer.async_wait([this, state](const boost::system::error_code& error) {
    if (!error) Post([state] { state->RunUnlessCancelled(); });
  });
  return Timer(std::make_unique<StrandTimer>(state));
}

void Strand::Drain() {
  RunOn(*this, [] {});
}

asio::io_context& Strand::context() { return impl_->context; }

void RunOn(Strand& strand, const Task& task) {
  std::latch done(1);
  strand.Post([&] {
    task();
    done.count_down();
  });
  done.wait();
}

}  // namespace edgefeed
