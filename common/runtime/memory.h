#pragma once

// How the process shares memory with its system (glibc's malloc, Linux's page cache).
namespace edgefeed {

// Threads allocate from one arena: those of a small program hardly ever meet there, and each arena
// of their own would hold memory that no other can use. Before there is a second thread.
void ShareOneArena();

// Gives back what was freed, also from the middle of the heap, and the pages of the program's own
// code: those that are still needed come back from the file, by themselves, at their next use.
// Takes milliseconds, in which others that allocate wait. A debugger's breakpoints in the program
// are lost with the pages.
void ReturnUnusedMemory();

}  // namespace edgefeed
