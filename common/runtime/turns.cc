#include "common/runtime/turns.h"

#include <utility>

namespace edgefeed {

void Turns::Await(Taker& taker) {
  waiting_.push_back(&taker);
  Arrange();
}

void Turns::Arrange() {
  if (waiting_.empty() || std::exchange(is_due_, true)) return;
  next_ = scheduler_.RunAt(scheduler_.Now(), [this] { Next(); });
}

void Turns::Next() {
  is_due_ = false;
  if (waiting_.empty()) return;
  Taker& taker = *waiting_.front();
  waiting_.pop_front();
  taker.TakeTurn();
  Arrange();
}

}  // namespace edgefeed
