#include "common/model/device.h"

#include <algorithm>
#include <cctype>

namespace edgefeed {
namespace {

constexpr std::size_t kMaxNameLength = 128;
constexpr std::size_t kMaxQuoted = 40;

bool Allowed(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == ':' ||
         c == '-';
}

std::string Quote(std::string_view name) {
  std::string quoted(name.substr(0, kMaxQuoted));
  std::ranges::replace_if(
      quoted, [](char c) { return std::isprint(static_cast<unsigned char>(c)) == 0; }, '?');
  return "'" + quoted + (name.size() > kMaxQuoted ? "…'" : "'");
}

}  // namespace

Status CheckDeviceName(std::string_view name) {
  if (name.empty()) return Error{Code::kInvalidArgument, "service_name is empty"};
  if (name.size() > kMaxNameLength) {
    return Error{Code::kInvalidArgument, "service_name " + Quote(name) + " has " +
                                             std::to_string(name.size()) +
                                             " characters, at most 128 are allowed"};
  }
  if (!std::ranges::all_of(name, Allowed)) {
    return Error{Code::kInvalidArgument,
                 "service_name " + Quote(name) + " may only hold letters, digits and . _ : -"};
  }
  return {};
}

}  // namespace edgefeed
