#include "ctl/render/progress.h"

#include <algorithm>
#include <cmath>

#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "ctl/render/human.h"
#include "ctl/render/line.h"

namespace edgefeed {
namespace {

double Share(const Progress& progress) {
  if (!progress.total_bytes || *progress.total_bytes == 0) return 1;
  const auto sent = static_cast<double>(progress.sent_bytes);
  return std::min(1.0, sent / static_cast<double>(*progress.total_bytes));
}

std::string Bar(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "]";
}

std::string Amounts(const Progress& progress) {
  std::string text = FormatBytes({progress.sent_bytes});
  if (progress.total_bytes) text += " of " + FormatBytes({*progress.total_bytes});
  if (progress.start_bytes > 0) {
    text += " (resumed at " + FormatBytes({progress.start_bytes}) + ")";
  }
  const double seconds = static_cast<double>(progress.elapsed.count()) / 1000;
  if (seconds <= 0 || progress.sent_bytes <= progress.start_bytes) return text;
  const double rate = static_cast<double>(progress.sent_bytes - progress.start_bytes) / seconds;
  text += "  " + FormatRate(rate);
  if (!progress.total_bytes || *progress.total_bytes <= progress.sent_bytes) return text;
  const double left = static_cast<double>(*progress.total_bytes - progress.sent_bytes) / rate;
  return text + "  " + FormatSeconds(std::max(1.0, std::ceil(left))) + " left";
}

}  // namespace

std::string ProgressLine(const std::string& name, const Progress& progress, std::size_t columns) {
  constexpr std::size_t kBarWidth = 20;
  std::string line = SafeText(name) + "  ";
  if (progress.total_bytes) {
    const auto percent = static_cast<int>(Share(progress) * 100);
    line += Bar(Share(progress), kBarWidth) + " " + std::to_string(percent) + " %  ";
  }
  return RenderLine({{line + Amounts(progress)}}, Colour::kNone, columns);
}

}  // namespace edgefeed
