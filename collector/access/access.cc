#include "collector/access/access.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <variant>

namespace edgefeed {

Access::Access(const Parts& parts, AccessFiles files, AccessLists lists,
               std::filesystem::path audit_log)
    : parts_(parts),
      files_(std::move(files)),
      lists_(std::move(lists)),
      audit_(std::move(audit_log), parts.strand, parts.stats),
      rates_(parts.limits.device_calls_per_second, parts.stats),
      places_(parts.limits, parts.stats),
      open_calls_(parts.strand) {}

void Access::Stop() {
  look_.Cancel();
  audit_.Flush();
}

Result<Caller> Access::Enter(const Credentials& shown, const PortPolicy& policy,
                             const CallAtDoor& call, std::string_view object) {
  auto identified = Identify(shown, policy, *lists_.Read(), parts_.clock.Wall(), certificates_);
  if (const auto* denial = std::get_if<Denial>(&identified)) {
    return Refuse(*denial, "somebody", call, object);
  }
  auto& caller = std::get<Caller>(identified);
  if (const Status may = rates_.Count(caller, parts_.clock.Steady()); !may) return may.error();
  if (const auto denial = CheckCall(caller, call.method, policy)) {
    return Refuse(*denial, Describe(caller), call, object);
  }
  const MethodRule& rule = RuleOf(call.method);
  if (rule.audit == Audit::kEachCall) {
    audit_.Write({.event = "call",
                  .reason = {},
                  .who = Describe(caller),
                  .address = call.address,
                  .method = std::string(rule.name),
                  .object = std::string(object),
                  .detail = {}});
  }
  return std::move(caller);
}

Status Access::ActAs(const Caller& caller, const CallAtDoor& call, std::string_view device) {
  const auto denial = CheckDevice(caller, device);
  if (!denial) return {};
  return Refuse(*denial, Describe(caller), call, device);
}

std::unique_ptr<OpenCalls::Entry> Access::Watch(const Caller& caller, const CallAtDoor& call,
                                                OpenCalls::End end) {
  if (caller.proof != Proof::kCertificate && caller.proof != Proof::kToken) return nullptr;
  return open_calls_.Add(
      [this, caller] { return CheckProof(caller, *lists_.Read(), parts_.clock.Wall()); },
      [this, caller, call, end = std::move(end)](const Error& why) {
        ++parts_.stats.access_calls_ended;
        spdlog::warn("{} of {} from {} is ended: {}", RuleOf(call.method).name, Describe(caller),
                     call.address, why.message);
        audit_.Write({.event = "call_ended",
                      .reason = {},
                      .who = Describe(caller),
                      .address = call.address,
                      .method = std::string(RuleOf(call.method).name),
                      .object = {},
                      .detail = why.message});
        end(why);
      });
}

void Access::Note(const Caller& caller, const CallAtDoor& call, AuditEvent event) {
  event.who = Describe(caller);
  event.address = call.address;
  event.method = RuleOf(call.method).name;
  audit_.Write(std::move(event));
}

Error Access::Refuse(const Denial& denial, const std::string& who, const CallAtDoor& call,
                     std::string_view object) {
  const auto reason = static_cast<std::size_t>(denial.reason);
  ++parts_.stats.access_refused[reason];
  audit_.Write({.event = "refused",
                .reason = std::string(kAccessRefusalNames[reason]),
                .who = who,
                .address = call.address,
                .method = std::string(RuleOf(call.method).name),
                .object = std::string(object),
                .detail = denial.error.message});
  return denial.error;
}

void Access::LookAgain() {
  if (auto fresh = files_.LoadIfChanged()) lists_.Replace(*std::move(fresh));
  open_calls_.Look();
  look_ = parts_.strand.RunAfter(kLookEvery, [this] { LookAgain(); });
}

}  // namespace edgefeed
