#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ctl/render/line.h"

namespace edgefeed {

// So much of an id is shown where there are many.
constexpr std::size_t kShortId = 8;

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Rows under titles, each column as wide as its widest cell.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Precondition: a cell for each column.
  void Add(Line cells) { rows_.push_back(std::move(cells)); }

  // Without titles when all of them are empty.
  [[nodiscard]] std::vector<Line> Lines() const;

 private:
  [[nodiscard]] std::vector<std::size_t> Widths() const;
  [[nodiscard]] Line Pad(const Line& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<Line> rows_;
};

}  // namespace edgefeed
