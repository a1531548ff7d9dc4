#include "collector/access/open_calls.h"

#include <iterator>
#include <utility>

namespace edgefeed {

OpenCalls::Entry::~Entry() {
  calls_.strand_.Post([&calls = calls_, number = number_] { calls.calls_.erase(number); });
}

std::unique_ptr<OpenCalls::Entry> OpenCalls::Add(Check check, End end) {
  const std::uint64_t number = ++last_number_;
  strand_.Post([this, number, call = Call{std::move(check), std::move(end)}]() mutable {
    calls_.emplace(number, std::move(call));
  });
  return std::make_unique<Entry>(*this, number);
}

void OpenCalls::Look() {
  for (auto call = calls_.begin(); call != calls_.end();) {
    const auto denial = call->second.check();
    if (denial) call->second.end(denial->error);
    call = denial ? calls_.erase(call) : std::next(call);
  }
}

}  // namespace edgefeed
