#include "ctl/render/table.h"

#include <algorithm>

namespace edgefeed {

std::vector<std::size_t> Table::Widths() const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const Column& column : columns_) widths.push_back(TextWidth(column.title));
  for (const Line& row : rows_) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], TextWidth(row[i].text));
    }
  }
  return widths;
}

Line Table::Pad(const Line& cells, const std::vector<std::size_t>& widths) const {
  Line line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - TextWidth(cells[i].text), ' ');
    const bool is_last = i + 1 == cells.size();
    if (columns_[i].align == Align::kRight) {
      line.push_back({padding});
      line.push_back(cells[i]);
      if (!is_last) line.push_back({"  "});
    } else {
      line.push_back(cells[i]);
      if (!is_last) line.push_back({padding + "  "});
    }
  }
  return line;
}

std::vector<Line> Table::Lines() const {
  const auto widths = Widths();
  std::vector<Line> lines;
  if (std::ranges::any_of(columns_, [](const Column& column) { return !column.title.empty(); })) {
    Line titles;
    for (const Column& column : columns_) titles.push_back({column.title, Style::kBold});
    lines.push_back(Pad(titles, widths));
  }
  for (const Line& row : rows_) lines.push_back(Pad(row, widths));
  return lines;
}

}  // namespace edgefeed
