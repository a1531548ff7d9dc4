#include "ctl/explain.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "common/base/units.h"

namespace edgefeed {
namespace {

// What gRPC says when our own deadline has passed; else the collector's has.
constexpr std::string_view kOwnDeadline = "Deadline Exceeded";

// gRPC puts the cause last: "failed to connect to all addresses; last error: UNKNOWN:
// ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused".
std::string LastCause(const std::string& message) {
  const auto at = message.rfind(": ");
  return at == std::string::npos ? message : message.substr(at + 2);
}

bool Holds(const std::string& message, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return message.find(word) != std::string::npos; });
}

std::string_view ConnectionHint(const std::string& message) {
  if (Holds(message, {"andshake", "SSL", "ertificate"})) {
    return "do --ca, --cert and --key fit this collector?";
  }
  // Somebody is there who does not speak gRPC, or not without TLS.
  if (Holds(message, {"Socket closed", "Failed parsing HTTP/2"})) {
    return "is that its gRPC port? --ca FILE if it uses TLS";
  }
  return "is it running there? --collector HOST:PORT names another";
}

std::string Unreachable(const std::string& message, const std::string& address) {
  return "cannot reach the collector at " + address + ": " + LastCause(message) + " (" +
         std::string(ConnectionHint(message)) + ")";
}

std::string WithHint(const Error& error, const std::string& address) {
  switch (error.code) {
    case Code::kUnavailable: return Unreachable(error.message, address);
    case Code::kDeadlineExceeded:
      if (error.message != kOwnDeadline) return error.message;
      return "no answer from the collector at " + address +
             " in time (--timeout waits longer, --collector HOST:PORT names another)";
    case Code::kNotFound:
      if (error.message.starts_with("no dump ")) {
        return error.message + " (edgefeedctl dumps lists them, dumps GROUP those of a group)";
      }
      if (error.message.starts_with("alert ")) {
        return error.message + " (edgefeedctl alerts lists what fires)";
      }
      if (error.message.starts_with("silence ")) {
        return error.message + " (edgefeedctl silence ls lists them)";
      }
      if (!error.message.starts_with("device ")) return error.message;
      return error.message + " (edgefeedctl devices lists the names)";
    case Code::kUnimplemented:
      return "the collector at " + address +
             " does not know this call (is it an Edgefeed collector of this version?)";
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return error.message + " (do --cert and --key, or --token, say to " + address +
             " who may do this?)";
    default: return error.message;
  }
}

}  // namespace

Error Explain(const Error& error, const Endpoint& collector) {
  const std::string address = ToString(collector);
  Error explained = error;
  explained.message = error.message.empty() ? "the collector at " + address + " said " +
                                                  std::string(CodeName(error.code))
                                            : WithHint(error, address);
  if (error.retry_after.count() > 0) {
    explained.message += " (it asks to wait " + FormatDuration(error.retry_after) + ")";
  }
  return explained;
}

}  // namespace edgefeed
