#include "common/runtime/background.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace edgefeed {
namespace {

// linux/ioprio.h, which glibc has no wrapper for.
constexpr int kWhoProcess = 1;
constexpr int kClassIdle = 3;
constexpr int kClassShift = 13;
constexpr int kNice = 10;

}  // namespace

void GiveWayToOthers() {
  const auto thread = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, thread, kNice);
  ::syscall(SYS_ioprio_set, kWhoProcess, thread, kClassIdle << kClassShift);
}

}  // namespace edgefeed
