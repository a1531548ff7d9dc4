#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace edgefeed {

// Who somebody is to the collector. Each of the people may what the one before may; a device is
// apart, and may only what concerns itself.
enum class Role { kDevice, kViewer, kOperator, kAdmin };

constexpr std::array<std::string_view, 4> kRoleNames = {"device", "viewer", "operator", "admin"};

constexpr std::string_view RoleName(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

constexpr std::optional<Role> RoleFrom(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace edgefeed
