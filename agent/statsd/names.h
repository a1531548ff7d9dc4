#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/model/series.h"

// What applications call things, as Edgefeed's metrics, labels and rules spell it.
namespace edgefeed {

// A rule's metric and label have at most so many characters.
constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostApplicationNameBytes = 32;
constexpr std::size_t kMostTags = 8;
constexpr std::size_t kMostTagValueBytes = 128;

// [a-z_][a-z0-9_]*: letters in lower case, and _ for every other byte.
std::string PlainName(std::string_view text);

// Of a line, good or not: what stands before the first dot of its name, or the name when it has no
// dot; at most kMostApplicationNameBytes. Empty when there is nothing.
std::string ApplicationOf(std::string_view line);

// "camera:left,raw" → camera="left", raw="true", sorted. A '?' stands for each byte of a value that
// is no printable ASCII. Nothing: too many or too long, without a name, or a name twice.
std::optional<Labels> LabelsOf(std::string_view tags);

}  // namespace edgefeed
