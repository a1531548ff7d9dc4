#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "bench/upload/test_file.h"
#include "common/base/result.h"

// What an upload is made of, each alone: none can be faster than the slowest of these.
namespace edgefeed::bench {

using Seconds = std::chrono::duration<double>;

// In one client stream of chunks of 64 KiB, to a server that keeps nothing.
Result<Seconds> SendRaw(const std::string& target, const TestFile& file);

// SHA-256.
Result<Seconds> Hash(const TestFile& file);

// Written to another file, with an fdatasync each 4 MiB.
Result<Seconds> Sink(const std::filesystem::path& directory, const TestFile& file);

}  // namespace edgefeed::bench
