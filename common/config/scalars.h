#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/config/log_level.h"

// What a YamlReader reads scalars with. Each is, or makes, a function from text to a value or an
// error that says what was found and what is allowed.
namespace edgefeed {

template <typename T>
using ScalarParser = std::function<Result<T>(std::string_view text)>;

Result<std::string> ParseText(std::string_view text);
Result<bool> ParseBool(std::string_view text);  // true, false; also yes, no, on, off.
Result<double> ParseReal(std::string_view text);
Result<LogLevel> ParseLogLevel(std::string_view text);

// [a-z_][a-z0-9_]*, up to 64 characters: the name of a label or a metric.
Result<std::string> ParseIdentifier(std::string_view text);

// Both ends are allowed.
ScalarParser<std::uint32_t> NumberFrom(std::uint32_t min, std::uint32_t max);
ScalarParser<std::chrono::milliseconds> DurationFrom(std::chrono::milliseconds min,
                                                     std::chrono::milliseconds max);
ScalarParser<Bytes> SizeFrom(Bytes min, Bytes max);
// "10%", of which 0% to 90% are allowed, or a size.
Result<DiskShare> ParseDiskShare(std::string_view text);

// A relative path starts at `directory`.
ScalarParser<std::filesystem::path> PathIn(std::filesystem::path directory);

// What an endpoint may be without encryption.
enum class Plaintext { kLoopbackOnly, kAnywhere };

// `section`: where tls and allow_plaintext stand, for the advice: "" or "http.".
ScalarParser<Endpoint> EndpointFor(Plaintext plaintext, std::string_view section);

// "'10x' is not …": what every parser's error starts with.
Error NotA(std::string_view text, std::string_view wanted);

}  // namespace edgefeed
