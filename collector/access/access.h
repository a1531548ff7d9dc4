#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/access/access_files.h"
#include "collector/access/audit_log.h"
#include "collector/access/call_rates.h"
#include "collector/access/caller_places.h"
#include "collector/access/open_calls.h"
#include "collector/access/policy.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/pki/peer_certificates.h"
#include "common/runtime/published.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// A call at the door.
struct CallAtDoor {
  Method method = Method::kLiveFeed;
  std::string address;  // Where it comes from.
};

// Who may do what: asks the policy, counts and writes down who is refused, and ends calls whose
// proof is no longer good. Enter() and what it leads to are used from any thread; Start() and
// Stop() on the strand.
class Access {
 public:
  // How often files and open calls are looked at: half of what is promised.
  static constexpr std::chrono::seconds kLookEvery{5};

  struct Parts {
    Scheduler& strand;  // Waits for the disk.
    const Clock& clock;
    CollectorStats& stats;
    CallerLimits limits = {};
  };

  // `files` have been loaded: `lists`. `parts` must outlive it.
  Access(const Parts& parts, AccessFiles files, AccessLists lists, std::filesystem::path audit_log);

  void Start() { LookAgain(); }
  void Stop();

  // Who calls, when he may call this method, and does not call too often. The error says why not.
  // `object`: what is asked for.
  Result<Caller> Enter(const Credentials& shown, const PortPolicy& policy, const CallAtDoor& call,
                       std::string_view object);
  // One of his places for a call of this method: see CallerPlaces.
  Result<std::unique_ptr<const CallerPlaces::Place>> TakePlace(const Caller& caller,
                                                               Method method) {
    return places_.Take(caller, RuleOf(method).kind);
  }
  // Whether he may act as, or ask for, this device; empty: all.
  Status ActAs(const Caller& caller, const CallAtDoor& call, std::string_view device);
  // What a call has led to, for the audit log.
  void Note(const Caller& caller, const CallAtDoor& call, AuditEvent event);
  // A call that was let in and is refused all the same: counted, and written down. What comes back
  // is for the caller.
  Error Refuse(const Denial& denial, const std::string& who, const CallAtDoor& call,
               std::string_view object);
  // Has the call ended when the proof of its caller is no longer good. Null: it has none.
  std::unique_ptr<OpenCalls::Entry> Watch(const Caller& caller, const CallAtDoor& call,
                                          OpenCalls::End end);

 private:
  void LookAgain();

  const Parts parts_;
  AccessFiles files_;
  Published<AccessLists> lists_;
  AuditLog audit_;
  PeerCertificates certificates_;
  CallRates rates_;
  CallerPlaces places_;
  OpenCalls open_calls_;
  Timer look_;
};

}  // namespace edgefeed
