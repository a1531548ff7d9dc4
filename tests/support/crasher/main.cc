// Crashes as it is told, for tests that need a real core file.
//
//   edgefeed_crasher null|abort|overflow THREADS MEGABYTES
//
// Keeps a copy of the environment's EDGEFEED_CRASHER_SECRET, backwards, on the heap.

#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

volatile int* crash_address = nullptr;
char* secret_on_heap = nullptr;

}  // namespace

// Not inlined, and outside of namespaces: tests look for these names in backtraces.
// NOLINTBEGIN(misc-use-internal-linkage)
[[gnu::noinline]] void WriteThroughNull() { *crash_address = 1; }

[[gnu::noinline]] int RecurseForever(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return RecurseForever(depth + 1) + frame[0];
}

[[gnu::noinline]] void CrashAsTold(std::string_view how) {
  if (how == "abort") std::abort();
  if (how == "overflow") ::_exit(RecurseForever(0));
  WriteThroughNull();
}

[[gnu::noinline]] void WaitForTheCrash(std::barrier<>& all_run) {
  all_run.arrive_and_wait();
  ::pause();
}

// NOLINTEND(misc-use-internal-linkage)

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto threads = std::strtoul(argv[2], nullptr, 10);
  const auto megabytes = std::strtoul(argv[3], nullptr, 10);

  const char* const secret = std::getenv("EDGEFEED_CRASHER_SECRET");
  secret_on_heap = static_cast<char*>(std::calloc(1, 4096));
  if (secret != nullptr) std::reverse_copy(secret, secret + std::strlen(secret), secret_on_heap);

  std::vector<unsigned> memory(megabytes << 18);
  unsigned state = 1;  // Nothing that compresses well.
  for (unsigned& word : memory) word = state = state * 1664525 + 1013904223;

  std::barrier all_run(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::thread> others;
  for (unsigned long i = 1; i < threads; ++i) {
    others.emplace_back([&all_run] { WaitForTheCrash(all_run); });
  }
  all_run.arrive_and_wait();
  CrashAsTold(argv[1]);
}
