#include "collector/rules/sample_window.h"

#include <algorithm>

namespace edgefeed {

bool SampleWindow::Add(WallTime time, double value, std::size_t most) {
  while (size() > 0 && IsOld(time - points_[first_].time)) DropOldest();
  const bool full = size() > 0 && size() >= std::min(most, kMaxValues);
  if (full) DropOldest();
  Compact();
  points_.push_back({time, value});
  if (function_ == RuleFunction::kP95) {
    sorted_.insert(std::ranges::upper_bound(sorted_, value), value);
  }
  return !full;
}

// A change over a minute is one since the value of a minute ago; the values of a minute begin after
// that one.
bool SampleWindow::IsOld(std::chrono::milliseconds age) const {
  const bool is_change = function_ == RuleFunction::kRate || function_ == RuleFunction::kDelta;
  return is_change ? age > length_ : age >= length_;
}

void SampleWindow::DropOldest() {
  if (function_ == RuleFunction::kP95) {
    sorted_.erase(std::ranges::lower_bound(sorted_, points_[first_].value));
  }
  ++first_;
}

// Makes use of the room in front rather than growing, once that is worth the moving.
void SampleWindow::Compact() {
  if (first_ < std::max<std::size_t>(size() / 2, 1) || points_.size() < points_.capacity()) return;
  points_.erase(points_.begin(), points_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

std::optional<double> SampleWindow::Value() const {
  const auto begin = points_.begin() + static_cast<std::ptrdiff_t>(first_);
  switch (function_) {
    case RuleFunction::kLast: return points_.back().value;
    case RuleFunction::kAverage: return Average();
    case RuleFunction::kMinimum:
      return std::ranges::min_element(begin, points_.end(), {}, &Point::value)->value;
    case RuleFunction::kMaximum:
      return std::ranges::max_element(begin, points_.end(), {}, &Point::value)->value;
    case RuleFunction::kP95: return sorted_[(sorted_.size() * 95 + 99) / 100 - 1];
    case RuleFunction::kDelta:
      if (size() < 2) return std::nullopt;
      return Increase();
    case RuleFunction::kRate: {
      const std::chrono::duration<double> passed = points_.back().time - begin->time;
      if (passed.count() <= 0) return std::nullopt;
      return Increase() / passed.count();
    }
  }
  return std::nullopt;
}

double SampleWindow::Average() const {
  double sum = 0;
  for (std::size_t i = first_; i < points_.size(); ++i) sum += points_[i].value;
  return sum / static_cast<double>(size());
}

double SampleWindow::Increase() const {
  if (kind_ == ValueKind::kGauge) return points_.back().value - points_[first_].value;
  double increase = 0;
  for (std::size_t i = first_ + 1; i < points_.size(); ++i) {
    const double before = points_[i - 1].value;
    const double now = points_[i].value;
    increase += now < before ? now : now - before;
  }
  return increase;
}

}  // namespace edgefeed
