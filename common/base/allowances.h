#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "common/base/allowance.h"

namespace edgefeed {

// What each of very many may take. Single thread.
class Allowances {
 public:
  // Of so many it is known what they took; then all start again.
  static constexpr std::size_t kMost = 65'536;

  // Valid until the next call.
  Allowance& Of(const std::string& whose) {
    if (of_.size() >= kMost && !of_.contains(whose)) of_.clear();
    return of_[whose];
  }
  // Null: it took nothing. For who may not be let in: a stranger's name is not remembered.
  Allowance* Known(const std::string& whose) {
    const auto found = of_.find(whose);
    return found == of_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::size_t size() const { return of_.size(); }

 private:
  std::unordered_map<std::string, Allowance> of_;
};

}  // namespace edgefeed
