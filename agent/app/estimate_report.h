#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <ostream>
#include <vector>

#include "agent/app/link_cost.h"

namespace edgefeed {

struct Estimate {
  std::size_t values = 0;  // In a sample.
  MessageSizes sizes;
  struct Row {
    std::chrono::milliseconds batch_interval{0};
    LinkCost cost;
  };
  std::vector<Row> rows;  // The configuration as it is, and what others would cost. Not empty.
};

// For `terms`, and for the longer batch intervals that people ask about next.
Estimate MakeEstimate(std::size_t values, const MessageSizes& sizes, LinkTerms terms);

// A table for people.
void PrintEstimate(const Estimate& estimate, const std::filesystem::path& config,
                   std::ostream& out);

// A JSON object a line, one for each row.
void PrintEstimateJson(const Estimate& estimate, std::ostream& out);

}  // namespace edgefeed
