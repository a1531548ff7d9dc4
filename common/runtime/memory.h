#pragma once

// How the process shares memory with its system (glibc's malloc).
namespace edgefeed {

// Threads allocate from one arena: those of a small program hardly ever meet there, and each arena
// of their own would hold memory that no other can use. Before there is a second thread.
void ShareOneArena();

// Gives back what was freed, also from the middle of the heap. Takes milliseconds, in which others
// that allocate wait.
void ReturnFreeMemory();

}  // namespace edgefeed
