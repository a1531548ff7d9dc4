#pragma once

#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Keeps what operators would be told.
class FakeOperatorNotices final : public OperatorNotices {
 public:
  Status Put(const Notification& notification) override {
    if (!answer) return answer;
    // A number that comes again: the transaction before was rolled back.
    std::erase_if(put, [&](const Notification& n) { return n.number >= notification.number; });
    put.push_back(notification);
    return {};
  }
  void Committed() override {
    committed.insert(committed.end(), put.begin(), put.end());
    put.clear();
  }

  Status answer;                        // What Put() says.
  std::vector<Notification> put;        // In a transaction that is not committed,
  std::vector<Notification> committed;  // and in those that are.
};

}  // namespace edgefeed
