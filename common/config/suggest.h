#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace edgefeed {

// The one of `known` that `name` most likely stands for: the fewest letters inserted, left out,
// changed or swapped with a neighbour, at most two and at most a third of the name.
std::optional<std::string> ClosestName(std::string_view name, std::span<const std::string> known);

}  // namespace edgefeed
