#include "ctl/commandline/option_values.h"

#include "common/base/text.h"

namespace edgefeed {

Result<Role> ParsePersonRole(std::string_view text) {
  const auto role = RoleFrom(text);
  if (role && *role != Role::kDevice) return *role;
  return Error{Code::kInvalidArgument,
               "'" + std::string(text) + "' is not viewer, operator or admin"};
}

Result<std::uint64_t> ParseCount(std::string_view text) {
  const auto count = ParseNumber<std::uint64_t>(text);
  if (count && *count > 0) return *count;
  return Error{Code::kInvalidArgument, "'" + std::string(text) + "' is not a number from 1"};
}

}  // namespace edgefeed
