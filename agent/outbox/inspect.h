#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "agent/outbox/export_row.h"
#include "agent/outbox/segment_reader.h"
#include "common/base/result.h"

// Looks into an outbox from outside, with the agent or without. Reads only. NOT_FOUND when the
// directory is not there.
namespace edgefeed {

// A line for each segment, oldest first: name, size, samples, first and last number and time.
Status ListOutbox(const std::filesystem::path& directory, std::ostream& out);

struct OutboxReport {
  std::uint64_t segments = 0;
  std::uint64_t samples = 0;
  Damage damage;
  std::vector<std::string>
      damaged;  // A line for each segment that is not whole: its name, and why.
};

// Reads everything of an outbox, or of one segment. `on_file` hears of each segment.
Result<OutboxReport> CheckOutbox(
    const std::filesystem::path& path,
    const std::function<void(const std::filesystem::path& file)>& on_file = {});

// Reads everything; a line for each segment that is not whole, and a sum. Returns what is damaged.
Result<Damage> VerifyOutbox(const std::filesystem::path& directory, std::ostream& out);

// Every reading that can be read, oldest stream first, in order within a stream. The headline
// values are the series cpu_usage and memory_mb. Samples that were acknowledged may be among them.
Status ExportOutbox(const std::filesystem::path& directory, ExportFormat format, std::ostream& out);

}  // namespace edgefeed
