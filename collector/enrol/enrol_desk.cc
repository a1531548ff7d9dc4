#include "collector/enrol/enrol_desk.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "common/base/units.h"
#include "common/pki/key.h"

namespace edgefeed {
namespace {

EnrolDenial TooMany(const std::string& why, std::chrono::milliseconds retry_after) {
  return {EnrolRefusal::kTooMany, Error{Code::kResourceExhausted, why, retry_after}};
}

EnrolDenial BadRequest(const Error& error) { return {EnrolRefusal::kRequest, error}; }

}  // namespace

Result<std::unique_ptr<EnrolDesk>> EnrolDesk::Open(Scheduler& strand,
                                                   const std::filesystem::path& authority) {
  const auto opened = CaDirectory::Open(authority, strand.WallNow());
  if (!opened) return opened.error();
  const auto pem = opened->certificate().Pem();
  if (!pem) return pem.error();
  return std::unique_ptr<EnrolDesk>(new EnrolDesk(strand, authority, *pem));
}

void EnrolDesk::Enrol(EnrolOrder order, Answer answer) {
  auto job = std::make_shared<Job>();
  job->address = std::move(order.address);
  job->csr = std::move(order.csr);
  job->answer = std::move(answer);
  job->act = [text = std::move(order.token), device = std::move(order.device)](
                 CaDirectory& authority, const Key& key, WallTime now) -> EnrolOutcome {
    const auto token = ParseEnrolToken(text);
    if (!token) return BadRequest(token.error());
    return edgefeed::Enrol(authority, *token, device, key, now, now + kCertificateLasts);
  };
  Take(job);
}

void EnrolDesk::Renew(RenewOrder order, Answer answer) {
  auto job = std::make_shared<Job>();
  job->address = std::move(order.address);
  job->csr = std::move(order.csr);
  job->answer = std::move(answer);
  job->act = [caller = std::move(order.caller)](CaDirectory& authority, const Key& key,
                                                WallTime now) {
    return RenewEnrolled(authority, caller, key, now, now + kCertificateLasts);
  };
  Take(job);
}

void EnrolDesk::Take(const std::shared_ptr<Job>& job) {
  if (waiting_.fetch_add(1) >= kMostWaiting) {
    return Finish(*job, TooMany("too many boards enrol at this moment: try again", kQueueMoves));
  }
  strand_.Post([this, job] { Begin(job); });
}

// Before anything that costs: nobody may keep the disk or the CPU busy by being wrong.
void EnrolDesk::Begin(const std::shared_ptr<Job>& job) {
  if (!wrong_tries_.Try(strand_.Now(), SourceOfPeer(job->address))) {
    return Finish(*job, TooMany("too many wrong tries from this address: wait a few seconds",
                                WrongTries::kNextTry));
  }
  if (job->csr.size() > kMaxRequestBytes) {
    return Finish(*job, BadRequest({Code::kInvalidArgument, "csr: has more than 16 KiB"}));
  }
  job->deadline = strand_.Now() + kPatience;
  Work(job);
}

// Its own copy of `job`, which the timer that calls it may hold.
void EnrolDesk::Work(std::shared_ptr<Job> job) {  // NOLINT(performance-unnecessary-value-param)
  job->look.Cancel();
  auto authority = CaDirectory::Open(authority_, strand_.WallNow(), Turn::kNow);
  const bool is_busy = !authority && authority.error().code == Code::kAborted;
  if (is_busy && strand_.Now() < job->deadline) {
    job->look = strand_.RunAfter(kLookEvery, [this, job] { Work(job); });
    return;
  }
  if (is_busy) {
    return Finish(*job, EnrolDenial{EnrolRefusal::kFailed,
                                    Error{Code::kUnavailable,
                                          "another process is changing the CA: try again"}});
  }
  Finish(*job,
         authority ? Decide(*job, *authority) : EnrolOutcome(TellOfFailure(authority.error())));
}

EnrolOutcome EnrolDesk::Decide(Job& job, CaDirectory& authority) {
  const auto key = Key::FromRequest("csr", job.csr);
  if (!key) return BadRequest(key.error());
  // As the index has it.
  const WallTime now = std::chrono::floor<std::chrono::seconds>(strand_.WallNow());
  EnrolOutcome outcome = job.act(authority, *key, now);
  if (const auto* denial = std::get_if<EnrolDenial>(&outcome)) {
    if (denial->reason == EnrolRefusal::kFailed) return TellOfFailure(denial->error);
    return outcome;
  }
  wrong_tries_.WasRight(strand_.Now(), SourceOfPeer(job.address));
  return outcome;
}

void EnrolDesk::Finish(Job& job, const EnrolOutcome& outcome) {
  --waiting_;
  job.answer(outcome);
}

// The log's readers may know where the CA is; strangers need not.
EnrolDenial EnrolDesk::TellOfFailure(const Error& error) {
  if (std::exchange(told_, error.message) != error.message) {
    spdlog::error("enrolment: {}", error.message);
  }
  return {EnrolRefusal::kFailed,
          Error{Code::kInternal, "the collector's CA cannot be used: its log says why"}};
}

}  // namespace edgefeed
