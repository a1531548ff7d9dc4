#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/model/shared_tls.h"
#include "common/model/tls.h"
#include "common/pki/expiry_notice.h"
#include "common/pki/tls_material.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Keeps what is in use of TLS as the files have it. It looks each 5 s; files that have changed and
// then stayed as they are for one look are read, so that new ones are in use within 10 s, and a
// certificate and its key may come one after the other. Files that cannot be used, or not at this
// time, change nothing: they are told of in one line, counted, and looked at again.
// Also logs that a certificate in use ends: 30, 7 and 1 days before.
// On one scheduler's thread, but for SharedTls.
class TlsWatch {
 public:
  // Reads the files now. `scheduler` must outlive the watch. `name`: for people, "http.tls".
  static Result<std::unique_ptr<TlsWatch>> Open(Scheduler& scheduler, const TlsFiles& files,
                                                const std::string& name);
  ~TlsWatch() = default;
  TlsWatch(const TlsWatch&) = delete;
  TlsWatch& operator=(const TlsWatch&) = delete;

  // What is called when others are in use, and when new files cannot be used.
  void OnRenewed(std::function<void(const TlsMaterial&)> act) { on_renewed_ = std::move(act); }
  void OnRefused(std::function<void()> act) { on_refused_ = std::move(act); }

  // Looks from now on.
  void Start();
  // Somebody says that the files are ready.
  void LookNow();

  [[nodiscard]] const TlsFiles& files() const { return files_; }
  [[nodiscard]] const TlsMaterial& in_use() const { return in_use_; }
  // The same for connections, whatever their thread.
  [[nodiscard]] std::shared_ptr<const SharedTls> shared() const { return shared_; }

 private:
  // What tells one content of a file from the next without reading it.
  struct Stamp {
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t bytes = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 3>;
  enum class Patience { kUntilSettled, kNone };

  TlsWatch(Scheduler& scheduler, TlsFiles files, std::string name, TlsMaterial material,
           Stamps stamps);

  static Stamps StampsOf(const TlsFiles& files);
  void LookAgainLater();
  void Look(Patience patience);
  void TakeOver(const Stamps& stamps);
  void Refuse(const Error& why);
  void TellOfExpiry();

  Scheduler& scheduler_;
  const TlsFiles files_;
  const std::string name_;
  std::function<void(const TlsMaterial&)> on_renewed_ = [](const TlsMaterial&) {};
  std::function<void()> on_refused_ = [] {};
  TlsMaterial in_use_;
  std::shared_ptr<SharedTls> shared_;
  Stamps used_;          // Of what is in use.
  Stamps seen_;          // At the last look.
  std::string refused_;  // Why the files as they are now cannot be used; empty: they can.
  ExpiryNotice own_expiry_;
  ExpiryNotice ca_expiry_;
  Timer timer_;
};

}  // namespace edgefeed
