#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

// Makes a small core file of a large one, as it streams by: the notes, the first page of each
// module (which has its build id), and of each thread the stack from its stack pointer up, 128 KiB
// of the crashed one, 32 KiB of the next 63, 2 KiB of further ones. Everything else, and with it
// heap, arguments, environment and vector registers, is left out. The result is a valid core file
// at any length: debuggers take what is missing for not dumped. So that they find the libraries, it
// has a list of them where the dynamic loader had its own.
class CoreReducer {
 public:
  CoreReducer();
  ~CoreReducer();
  CoreReducer(const CoreReducer&) = delete;
  CoreReducer& operator=(const CoreReducer&) = delete;

  // Takes the next bytes of the core, appends those of the result. DATA_LOSS when it is no core
  // file that can be reduced; then there is no result.
  Status Update(std::string_view bytes, std::string& out);
  // There is no more. What the core was cut short of is zero in the result.
  Status Finish(std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgefeed
