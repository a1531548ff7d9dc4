#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "collector/enrol/wrong_tries.h"
#include "common/base/result.h"
#include "common/ca/enrolment.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// A board that has a token.
struct EnrolOrder {
  std::string address;  // Where it calls from.
  std::string token;
  std::string csr;  // PEM.
  std::string device;
};

// A device that has a certificate.
struct RenewOrder {
  std::string address;
  EnrolledCaller caller;
  std::string csr;
};

// Issues certificates to boards from a CA's directory, which edgefeedctl may change at the same
// time. Asked from any thread; it works on `strand`, which waits for the disk, and answers there.
class EnrolDesk {
 public:
  static constexpr std::size_t kMostWaiting = 64;
  static constexpr std::size_t kMaxRequestBytes = std::size_t{16} << 10;
  // When one of those that wait will be through.
  static constexpr std::chrono::milliseconds kQueueMoves{2000};
  // For so long it waits for another process that changes the CA, looking this often.
  static constexpr std::chrono::milliseconds kPatience{2000};
  static constexpr std::chrono::milliseconds kLookEvery{50};

  using Answer = std::function<void(const EnrolOutcome&)>;

  // The error says why the CA cannot be used. `strand` must outlive it; destroy it on the strand,
  // when every order is answered.
  static Result<std::unique_ptr<EnrolDesk>> Open(Scheduler& strand,
                                                 const std::filesystem::path& authority);
  ~EnrolDesk() = default;
  EnrolDesk(const EnrolDesk&) = delete;
  EnrolDesk& operator=(const EnrolDesk&) = delete;

  void Enrol(EnrolOrder order, Answer answer);
  void Renew(RenewOrder order, Answer answer);

  // Of the CA, PEM.
  [[nodiscard]] const std::string& ca_pem() const { return ca_pem_; }

 private:
  // What is done with the CA when it is this one's turn.
  struct Job {
    std::function<EnrolOutcome(CaDirectory&, const Key&, WallTime)> act;
    std::string address;
    std::string csr;
    Answer answer;
    SteadyTime deadline;
    Timer look;
  };

  EnrolDesk(Scheduler& strand, std::filesystem::path authority, std::string ca_pem)
      : strand_(strand), authority_(std::move(authority)), ca_pem_(std::move(ca_pem)) {}

  void Take(const std::shared_ptr<Job>& job);
  void Begin(const std::shared_ptr<Job>& job);
  void Work(std::shared_ptr<Job> job);
  [[nodiscard]] EnrolOutcome Decide(Job& job, CaDirectory& authority);
  void Finish(Job& job, const EnrolOutcome& outcome);
  EnrolDenial TellOfFailure(const Error& error);

  Scheduler& strand_;
  const std::filesystem::path authority_;
  const std::string ca_pem_;
  WrongTries wrong_tries_;
  std::string told_;  // What the log was told of last.
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace edgefeed
