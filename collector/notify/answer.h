#pragma once

namespace edgefeed {

// What a receiver's answer means.
enum class Answer {
  kTaken,
  kLater,      // It cannot take anything now.
  kRefused,    // It does not take this notification, however often it is sent.
  kMisplaced,  // Not the receiver answers, or it does not know us: perhaps not for long.
};

// Of a status of HTTP.
constexpr Answer AnswerOf(unsigned status) {
  if (status >= 200 && status < 300) return Answer::kTaken;
  if (status >= 500 || status == 408 || status == 429) return Answer::kLater;
  // A proxy in front of a receiver that is down, an address that has moved, a password that has
  // changed.
  const bool misplaced =
      status < 400 || status == 401 || status == 403 || status == 404 || status == 407;
  return misplaced ? Answer::kMisplaced : Answer::kRefused;
}

}  // namespace edgefeed
