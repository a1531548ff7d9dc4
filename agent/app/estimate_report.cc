#include "agent/app/estimate_report.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/units.h"

namespace edgefeed {
namespace {

constexpr double kDaysOfAMonth = 30;
constexpr std::array kBatchIntervals = {std::chrono::milliseconds(10'000),
                                        std::chrono::milliseconds(60'000)};

std::string Size(double bytes) {
  return FormatBytes({static_cast<std::uint64_t>(std::llround(bytes))});
}

std::string ItemLine(std::string_view what, const LinkItem& item) {
  return fmt::format("{:<18}{:>10.0f}{:>13}{:>13}\n", what, item.times,
                     Size(item.traffic.sent_bytes), Size(item.traffic.received_bytes));
}

std::string RowLine(const Estimate::Row& row) {
  const Traffic total = row.cost.total();
  return fmt::format("{:<18}{:>10.0f}{:>13}{:>13}{:>13}\n", FormatDuration(row.batch_interval),
                     row.cost.messages.times, Size(total.sent_bytes), Size(total.received_bytes),
                     Size(total.bytes() * kDaysOfAMonth));
}

}  // namespace

Estimate MakeEstimate(std::size_t values, const MessageSizes& sizes, LinkTerms terms) {
  Estimate estimate{.values = values, .sizes = sizes, .rows = {}};
  estimate.rows.push_back({terms.batch_interval, CostOfADay(sizes, terms)});
  for (const auto interval : kBatchIntervals) {
    if (interval <= terms.batch_interval || interval <= terms.sample_interval) continue;
    terms.batch_interval = interval;
    estimate.rows.push_back({interval, CostOfADay(sizes, terms)});
  }
  return estimate;
}

void PrintEstimate(const Estimate& estimate, const std::filesystem::path& config,
                   std::ostream& out) {
  const MessageSizes& sizes = estimate.sizes;
  out << fmt::format(
      "A sample of this machine has {} values: {:.0f} bytes alone, {:.0f} more for each that goes "
      "with it.\n\n",
      estimate.values, sizes.first_sample, sizes.further_sample);
  const LinkCost& cost = estimate.rows.front().cost;
  out << fmt::format("{:<18}{:>10}{:>13}{:>13}\n", "A day on the link", "times", "sent",
                     "received");
  out << ItemLine("messages", cost.messages) << ItemLine("acknowledgements", cost.acknowledgements)
      << ItemLine("signs of life", cost.signs_of_life) << ItemLine("connects", cost.connects)
      << '\n';
  out << fmt::format("{:<18}{:>10}{:>13}{:>13}{:>13}\n", "batch_interval", "messages", "sent a day",
                     "received", "a month");
  for (const Estimate::Row& row : estimate.rows) out << RowLine(row);
  out << fmt::format(
      "\nThe first is {} as it is. Headers of HTTP/2, TLS, TCP and IPv4 are counted, what is sent\n"
      "again after a loss is not. A running agent measures agent_network_transmit_bytes_total.\n",
      config.string());
}

void PrintEstimateJson(const Estimate& estimate, std::ostream& out) {
  for (const auto& [batch_interval, cost] : estimate.rows) {
    const Traffic total = cost.total();
    out << fmt::format(R"({{"batch_interval_ms":{},"values_per_sample":{},"sample_bytes":{:.1f},)"
                       R"("further_sample_bytes":{:.1f},"messages_a_day":{:.0f},)"
                       R"("sent_bytes_a_day":{:.0f},"received_bytes_a_day":{:.0f},)"
                       R"("connect_sent_bytes":{:.0f},"connect_received_bytes":{:.0f}}})"
                       "\n",
                       batch_interval.count(), estimate.values, estimate.sizes.first_sample,
                       estimate.sizes.further_sample, cost.messages.times, total.sent_bytes,
                       total.received_bytes, cost.connects.traffic.sent_bytes,
                       cost.connects.traffic.received_bytes);
  }
}

}  // namespace edgefeed
