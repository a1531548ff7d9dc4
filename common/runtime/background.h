#pragma once

namespace edgefeed {

// The calling thread gives way to all others from now on: to their CPU time (nice 10) and to what
// they read and write (idle I/O class). Of no effect where the system does not allow it.
void GiveWayToOthers();

}  // namespace edgefeed
