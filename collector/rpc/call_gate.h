#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "collector/access/access.h"
#include "common/base/result.h"

namespace grpc {
class CallbackServerContext;
}  // namespace grpc

namespace edgefeed {

// A call that was let in. A call that lasts keeps it until it is over, for with it goes its place.
class Admission {
 public:
  Admission(Access& access, Caller caller, CallAtDoor call, std::unique_ptr<OpenCalls::Entry> entry,
            std::unique_ptr<const CallerPlaces::Place> place)
      : access_(access),
        caller_(std::move(caller)),
        call_(std::move(call)),
        entry_(std::move(entry)),
        place_(std::move(place)) {}

  // Whether the caller may act as, or ask for, this device; empty: all of them.
  [[nodiscard]] Status ActAs(std::string_view device) const {
    return access_.ActAs(caller_, call_, device);
  }

  // For the audit log: what came of it. `object`: of whom, or of what.
  void Note(std::string event, std::string object, std::string detail) const {
    access_.Note(caller_, call_,
                 {.event = std::move(event),
                  .reason = {},
                  .who = {},
                  .address = {},
                  .method = {},
                  .object = std::move(object),
                  .detail = std::move(detail)});
  }
  // Counted, and written down. What comes back is for the caller.
  [[nodiscard]] Error Refuse(const Denial& denial, std::string_view object) const {
    return access_.Refuse(denial, Describe(caller_), call_, object);
  }

  [[nodiscard]] const Caller& caller() const { return caller_; }
  [[nodiscard]] const std::string& address() const { return call_.address; }

 private:
  Access& access_;
  const Caller caller_;
  const CallAtDoor call_;
  const std::unique_ptr<OpenCalls::Entry> entry_;
  const std::unique_ptr<const CallerPlaces::Place> place_;  // Null: it takes none.
};

using Admitted = std::unique_ptr<const Admission>;

// Where every method of a port begins: whoever may not call it gets no further. From any thread.
class CallGate {
 public:
  // `access` must outlive it, and the admissions.
  CallGate(Access& access, PortPolicy policy) : access_(access), policy_(std::move(policy)) {}

  // The error is for the caller, RESOURCE_EXHAUSTED when he has no place for it. `object`: what is
  // asked for, for the audit. While the admission lives, the call is cancelled as soon as the proof
  // of its caller is no longer good.
  [[nodiscard]] Result<Admitted> Admit(grpc::CallbackServerContext& context, Method method,
                                       std::string_view object = {}) const;
  // Of a method about one device; empty: about all.
  [[nodiscard]] Result<Admitted> AdmitFor(grpc::CallbackServerContext& context, Method method,
                                          std::string_view device) const;

 private:
  Access& access_;
  const PortPolicy policy_;
};

}  // namespace edgefeed
