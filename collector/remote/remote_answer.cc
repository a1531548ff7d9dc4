#include "collector/remote/remote_answer.h"

#include <string_view>

namespace edgefeed {
namespace {

struct KnownText {
  std::string_view text;
  RemoteDrop why;
};

// What Prometheus and its relatives say.
constexpr KnownText kTexts[] = {
    {"out of order", RemoteDrop::kOutOfOrder},
    {"out-of-order", RemoteDrop::kOutOfOrder},
    {"too old", RemoteDrop::kTooOld},
    {"out of bounds", RemoteDrop::kTooOld},
    {"duplicate sample", RemoteDrop::kDuplicate},
};

}  // namespace

RemoteAnswer ReadAnswer(const HttpClient::Response& response) {
  using Kind = RemoteAnswer::Kind;
  const unsigned status = response.status;
  if (status >= 200 && status < 300) return {Kind::kTaken};
  if (status == 413) return {Kind::kTooLarge};
  // Prometheus 2.42 says of some samples that are too old that the error is its own.
  if (status == 400 || status == 422 || status == 500) {
    for (const auto& [text, why] : kTexts) {
      if (response.body.find(text) != std::string::npos) return {Kind::kRefused, why};
    }
  }
  if (status == 400 || status == 422) return {Kind::kRefused, RemoteDrop::kRefused};
  return {Kind::kLater};
}

}  // namespace edgefeed
