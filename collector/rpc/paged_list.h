#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "collector/rpc/call_gate.h"
#include "collector/rpc/call_place.h"
#include "common/base/result.h"
#include "common/rpc/status.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// Writes a list page by page: the next page is asked for when the client has taken the one before,
// so that a call costs one page of memory. Lives on the strand; deletes itself when gRPC is done.
template <typename Message>
class PagedList final : public grpc::ServerWriteReactor<Message> {
 public:
  // The messages that come next; none at the end. Called on the strand.
  using NextPage = std::function<Result<std::vector<Message>>()>;

  PagedList(grpc::CallbackServerContext& context, Strand& strand,
            std::chrono::milliseconds longest_write, Admitted admitted,
            std::unique_ptr<CallPlace> place, NextPage next_page)
      : context_(context),
        strand_(strand),
        longest_write_(longest_write),
        admitted_(std::move(admitted)),
        place_(std::move(place)),
        next_page_(std::move(next_page)) {
    strand_.Post([this] { WriteNext(); });
  }

  void OnWriteDone(bool ok) override {
    strand_.Post([this, ok] {
      stalled_.Cancel();
      ok ? WriteNext() : this->Finish(grpc::Status::CANCELLED);
    });
  }
  void OnDone() override {
    strand_.Post([this] { delete this; });
  }

 private:
  void WriteNext() {
    if (next_ == page_.size()) {
      auto page = next_page_();
      if (!page) return this->Finish(ToGrpc(page.error(), context_));
      page_ = std::move(*page);
      next_ = 0;
      if (page_.empty()) return this->Finish(grpc::Status::OK);
    }
    // A write that the client does not take never ends by itself.
    stalled_ = strand_.RunAfter(longest_write_, [this] { context_.TryCancel(); });
    this->StartWrite(&page_[next_++]);
  }

  grpc::CallbackServerContext& context_;
  Strand& strand_;
  const std::chrono::milliseconds longest_write_;
  const Admitted admitted_;
  const std::unique_ptr<CallPlace> place_;
  const NextPage next_page_;
  std::vector<Message> page_;  // gRPC reads the one being written until OnWriteDone.
  std::size_t next_ = 0;
  Timer stalled_;
};

}  // namespace edgefeed
