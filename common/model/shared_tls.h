#pragma once

#include <memory>
#include <utility>

#include "common/model/tls.h"

namespace edgefeed {

// What one side of TLS shows and believes from now on: a strand renews it, any thread may ask.
class SharedTls {
 public:
  explicit SharedTls(TlsPem pem) { Set(std::move(pem)); }

  // Never null; another pointer means that it was renewed.
  [[nodiscard]] std::shared_ptr<const TlsPem> Get() const { return std::atomic_load(&pem_); }
  void Set(TlsPem pem) { std::atomic_store(&pem_, std::make_shared<const TlsPem>(std::move(pem))); }

 private:
  // Not std::atomic<std::shared_ptr>: ThreadSanitizer takes GCC 12's for a race.
  std::shared_ptr<const TlsPem> pem_;
};

}  // namespace edgefeed
