#pragma once

#include <string>

#include "common/model/dump.h"

namespace edgefeed {

// What crashes that look alike have in common.
struct DumpSignature {
  std::string id;       // 16 hexadecimal digits: of the SHA-256 of version and parts.
  std::string version;  // What it was made of: see SignatureOf().
  std::string title;    // For people: "SIGSEGV in parse_line (sensord)".
  friend bool operator==(const DumpSignature&, const DumpSignature&) = default;
};

// "v1"       program, signal, and up to 8 frames of the crashed thread as build id and offset,
// without
//            those of abort, raise, assert and terminate (of the C library), when two or more are
//            known
// "v1-pc"    program, signal, and the innermost frame, when its module is known
// "v1-name"  program and signal
// The program is its build id, or its executable's name without one. Addresses and process ids
// never count: they differ from crash to crash.
DumpSignature SignatureOf(const DumpInfo& info);

// "SIGSEGV"; "signal 77" for one without a name; "unknown signal" for 0.
std::string SignalName(std::uint32_t signal);

}  // namespace edgefeed
