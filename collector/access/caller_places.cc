#include "collector/access/caller_places.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace edgefeed {
namespace {

// The feed on a line that is dead is ended about as soon.
constexpr std::chrono::seconds kPlaceRetryAfter{10};

std::string_view NameOf(CallKind kind) { return kCallerLimitNames[static_cast<std::size_t>(kind)]; }

constexpr std::array<std::string_view, kCallerLimitNames.size()> kWhat = {"feeds", "uploads",
                                                                          "readers"};

// By names, not by serial number: a renewed certificate makes nobody two callers. Nothing of a name
// is a line feed.
std::string WhoseIs(const Caller& caller, CallKind kind) {
  std::string whose(NameOf(kind));
  whose += caller.proof == Proof::kToken ? "\ntoken" : "\ncertificate";
  whose += "\n" + std::string(RoleName(caller.role));
  for (const std::string& name : caller.names) whose += "\n" + name;
  return whose;
}

}  // namespace

Result<std::unique_ptr<const CallerPlaces::Place>> CallerPlaces::Take(const Caller& caller,
                                                                      CallKind kind) {
  using PlaceOrNone = std::unique_ptr<const Place>;
  const bool is_known = caller.proof == Proof::kCertificate || caller.proof == Proof::kToken;
  if (!is_known || kind == CallKind::kBrief) return PlaceOrNone();
  const std::size_t devices = std::max<std::size_t>(1, caller.names.size());
  const auto most = static_cast<std::uint32_t>(devices * LimitOf(kind));
  std::string whose = WhoseIs(caller, kind);
  if (open_.Add(whose, most)) return PlaceOrNone(std::make_unique<Place>(open_, std::move(whose)));
  ++stats_.caller_limit_refused[static_cast<std::size_t>(kind)];
  return Error{Code::kResourceExhausted,
               Describe(caller) + " has " + std::to_string(most) + " " +
                   std::string(kWhat[static_cast<std::size_t>(kind)]) + " open already (limits." +
                   std::string(NameOf(kind)) + ")",
               kPlaceRetryAfter};
}

std::uint32_t CallerPlaces::LimitOf(CallKind kind) const {
  switch (kind) {
    case CallKind::kFeed: return limits_.feeds;
    case CallKind::kUpload: return limits_.uploads;
    case CallKind::kReader: return limits_.subscribers;
    case CallKind::kBrief: break;
  }
  return 0;
}

}  // namespace edgefeed
