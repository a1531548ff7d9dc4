// Parts of libproc2 that the agent does not use and a static program cannot have: the systemd unit
// of a process asks libsystemd, which has no archive; the NUMA node of a processor opens libnuma at
// run time. These take their place and say what libproc2's own say where neither is there.

#include <sys/types.h>

#include <cerrno>

namespace {

int NoMaxNode() { return -1; }
int NoNodeOfCpu(int /*cpu*/) { return -1; }

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): they are libsystemd's and libproc2's names.
extern "C" {

int sd_pid_get_machine_name(pid_t /*pid*/, char** /*name*/) { return -ENODATA; }
int sd_pid_get_owner_uid(pid_t /*pid*/, uid_t* /*uid*/) { return -ENODATA; }
int sd_pid_get_session(pid_t /*pid*/, char** /*session*/) { return -ENODATA; }
int sd_pid_get_slice(pid_t /*pid*/, char** /*slice*/) { return -ENODATA; }
int sd_pid_get_unit(pid_t /*pid*/, char** /*unit*/) { return -ENODATA; }
int sd_pid_get_user_unit(pid_t /*pid*/, char** /*unit*/) { return -ENODATA; }
int sd_session_get_seat(const char* /*session*/, char** /*seat*/) { return -ENODATA; }

void numa_init() {}
void numa_uninit() {}
int (*numa_max_node)() = NoMaxNode;
int (*numa_node_of_cpu)(int) = NoNodeOfCpu;

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
