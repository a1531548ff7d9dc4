#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace edgefeed {

class Strand;

// The longest path of a socket, in bytes (sun_path of unix(7) without its zero).
constexpr std::size_t kMaxSocketPath = 107;

// Answers whoever connects to a socket in the file system with one text, and hangs up; reads
// nothing. Few at once and each for a short time, so that who does not read holds up nobody but
// the next who asks. Everything on the strand, which never waits.
class AnswerSocket {
 public:
  static constexpr std::size_t kMostClients = 8;
  static constexpr std::chrono::milliseconds kPatience{2000};  // With one client.

  using Answer = std::function<std::string()>;

  // Listens at `path`, for its owner and its group. A socket that nobody serves any more is
  // replaced; ALREADY_EXISTS when another process does, or when it is no socket. `strand` and what
  // `answer` uses must outlive it.
  static Result<std::unique_ptr<AnswerSocket>> Open(Strand& strand,
                                                    const std::filesystem::path& path,
                                                    Answer answer);
  // Removes the file.
  ~AnswerSocket();
  AnswerSocket(const AnswerSocket&) = delete;
  AnswerSocket& operator=(const AnswerSocket&) = delete;

 private:
  struct Impl;
  explicit AnswerSocket(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// What the socket at `path` answers. Waits: for programs that do nothing else. NOT_FOUND: nobody
// serves it; PERMISSION_DENIED; DEADLINE_EXCEEDED.
Result<std::string> AskSocket(const std::filesystem::path& path, std::chrono::milliseconds within);

}  // namespace edgefeed
