#include "collector/app/tls_stage.h"

#include <chrono>
#include <utility>

namespace edgefeed {
namespace {

std::uint64_t Seconds(const std::optional<CertificateLife>& life) {
  return life ? UnixMillis(life->not_after) / 1000 : 0;
}

void Note(const TlsMaterial& in_use, TlsStats& stats) {
  stats.cert_expires = Seconds(in_use.own);
  stats.ca_expires = Seconds(in_use.ca);
}

}  // namespace

TlsStage::TlsStage(const Clock& clock, CollectorStats& stats)
    : stats_(stats), strand_("tls", clock) {}

TlsStage::~TlsStage() { Stop(); }

Result<std::shared_ptr<const SharedTls>> TlsStage::Watch(const std::string& listener,
                                                         const std::string& section,
                                                         const std::optional<TlsFiles>& files) {
  if (!files) return std::shared_ptr<const SharedTls>();
  TlsStats& stats = stats_.tls.emplace_back();
  stats.listener = listener;
  stats.cert_file = files->cert.string();
  stats.ca_file = files->ca.string();
  auto watch = TlsWatch::Open(strand_, *files, section);
  if (!watch) return watch.error();
  (*watch)->OnRenewed([&stats](const TlsMaterial& in_use) {
    Note(in_use, stats);
    ++stats.renewals;
  });
  (*watch)->OnRefused([&stats] { ++stats.renewals_refused; });
  Note((*watch)->in_use(), stats);
  auto shared = (*watch)->shared();
  RunOn(strand_, [&] {
    (*watch)->Start();
    watches_.push_back(*std::move(watch));
  });
  return shared;
}

void TlsStage::LookNow() {
  strand_.Post([this] {
    for (const auto& watch : watches_) watch->LookNow();
  });
}

void TlsStage::Stop() {
  RunOn(strand_, [this] { watches_.clear(); });
}

}  // namespace edgefeed
