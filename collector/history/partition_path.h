#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"

// How the files of the history are called: raw/2026-11-25T09.db, an hour in UTC.
namespace edgefeed {

using Hours = std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>;

std::string HourName(Hours hour);
std::optional<Hours> ParseHourName(std::string_view name);

// Moves a damaged database, with what SQLite keeps beside it, to NAME.damaged (or .damaged.2, …).
void SetAside(const std::filesystem::path& database);

// Deletes a database with what SQLite keeps beside it. Whoever has it open keeps reading it.
void DeleteDatabase(const std::filesystem::path& database);

}  // namespace edgefeed
