#include "agent/crash/ledger.h"

#include <optional>

#include "agent/crash/framed_file.h"
#include "common/base/text.h"
#include "common/digest/sha256.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr std::string_view kLedgerMagic = "EFCRASHL";

// A line of the file: "name field field …".
class LineWriter {
 public:
  explicit LineWriter(std::string& text, std::string_view name) : text_(text) { text_ += name; }
  ~LineWriter() { text_ += '\n'; }
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  LineWriter& Add(std::string_view field) {
    text_ += ' ';
    text_ += field;
    return *this;
  }
  LineWriter& Add(std::int64_t number) { return Add(std::string_view(std::to_string(number))); }
  LineWriter& Add(PoweredTime time) { return Add(std::int64_t{time.count()}); }

 private:
  std::string& text_;
};

class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  std::string Text() {
    const auto field = NextField(rest_);
    if (!field) whole_ = false;
    return std::string(field.value_or(""));
  }
  std::int64_t Number() {
    const auto number = ParseNumber<std::int64_t>(NextField(rest_).value_or(""));
    if (!number) whole_ = false;
    return number.value_or(0);
  }
  std::uint32_t Count() { return static_cast<std::uint32_t>(Number()); }
  PoweredTime Time() { return PoweredTime(Number()); }
  // Every field asked for was there.
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  std::string_view rest_;
  bool whole_ = true;
};

// "-" stands for an empty text, which would be no field.
std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }
std::string FromDash(const std::string& text) { return text == "-" ? "" : text; }

void ReadSuppressed(LineReader& line, Ledger& ledger) {
  const std::string signature = line.Text();
  Ledger::Suppressed suppressed{
      .id = line.Text(), .began = line.Time(), .last = line.Time(), .info = {}};
  auto info = DecodeDumpInfo(BytesFromHex(line.Text()));
  if (!line.whole() || !info) return;
  suppressed.info = std::move(*info);
  ledger.suppressed[signature] = std::move(suppressed);
}

void ReadLine(std::string_view text, DecodedLedger& decoded) {
  LineReader line(text);
  Ledger& ledger = decoded.ledger;
  const std::string name = line.Text();
  if (name == "clock") {
    decoded.mark.boot_id = FromDash(line.Text());
    decoded.mark.time = line.Time();
    decoded.mark.since_boot = line.Time();
  } else if (name == "device") {
    ledger.device.thousandths = line.Number();
    ledger.device.at = line.Time();
  } else if (name == "signature") {
    Ledger::Allowance& allowance = ledger.signatures[line.Text()];
    allowance.thousandths = line.Number();
    allowance.at = line.Time();
  } else if (name == "suppressed") {
    ReadSuppressed(line, ledger);
  } else if (name == "admitted") {
    const std::string source = line.Text();
    ledger.admitted[source] = line.Count();
  } else if (name == "done") {
    ledger.done.insert(line.Text());
  } else if (name == "tries") {
    Ledger::Tries& tries = ledger.tries[line.Text()];
    tries.failures = line.Count();
    tries.interrupted = line.Count();
  }
}

}  // namespace

std::string EncodeLedger(const Ledger& ledger, const PoweredMark& mark) {
  std::string text;
  LineWriter(text, "clock").Add(OrDash(mark.boot_id)).Add(mark.time).Add(mark.since_boot);
  LineWriter(text, "device").Add(ledger.device.thousandths).Add(ledger.device.at);
  for (const auto& [signature, allowance] : ledger.signatures) {
    LineWriter(text, "signature").Add(signature).Add(allowance.thousandths).Add(allowance.at);
  }
  for (const auto& [signature, suppressed] : ledger.suppressed) {
    LineWriter(text, "suppressed")
        .Add(signature)
        .Add(suppressed.id)
        .Add(suppressed.began)
        .Add(suppressed.last)
        .Add(HexText(EncodeDumpInfo(suppressed.info)));
  }
  for (const auto& [source, begun] : ledger.admitted) {
    LineWriter(text, "admitted").Add(source).Add(std::int64_t{begun});
  }
  for (const std::string& source : ledger.done) LineWriter(text, "done").Add(source);
  for (const auto& [id, tries] : ledger.tries) {
    LineWriter(text, "tries")
        .Add(id)
        .Add(std::int64_t{tries.failures})
        .Add(std::int64_t{tries.interrupted});
  }
  return Frame(kLedgerMagic, {.head = std::move(text), .body = {}});
}

Result<DecodedLedger> DecodeLedger(std::string_view bytes) {
  const auto file = Unframe(kLedgerMagic, bytes);
  if (!file) return file.error();
  DecodedLedger decoded;
  std::string_view rest = file->head;
  while (const auto line = NextLine(rest)) ReadLine(*line, decoded);
  return decoded;
}

}  // namespace edgefeed
