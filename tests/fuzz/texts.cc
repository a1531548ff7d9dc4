// Short texts that people and peers write: times, durations, sizes, addresses, windows of silences,
// matchers, messages. And texts that are shown: on a terminal, and in JSON.
#include "collector/alerts/recurring_window.h"
#include "collector/alerts/silence.h"
#include "collector/rules/message_template.h"
#include "common/base/endpoint.h"
#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "common/model/device.h"
#include "ctl/time_option.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void TryUnits(std::string_view text) {
  if (const auto duration = ParseDuration(text)) {
    const auto again = ParseDuration(FormatDuration(*duration));
    Promise(again && *again == *duration, "a duration comes back");
  }
  if (const auto size = ParseBytes(text)) (void)FormatBytes(*size);
  if (const auto time = ParseTime(text))
    (void)FormatTime(time->At(FromUnixMillis(1'700'000'000'000)));
  if (const auto endpoint = ParseEndpoint(text)) {
    const auto again = ParseEndpoint(ToString(*endpoint));
    Promise(again && *again == *endpoint, "an address comes back");
    (void)IsLoopback(*endpoint);
  }
  if (!CheckDeviceName(text)) return;
  Promise(text.size() <= 128 && text.find('/') == std::string_view::npos, "a name is plain");
}

void TryShown(std::string_view text) {
  for (const unsigned char c : SafeText(text)) {
    Promise(c >= ' ' && c != 0x7F, "a terminal is not told what to do");
  }
  const std::string json = JsonString(text);
  for (std::size_t i = 1; i + 1 < json.size(); ++i) {
    const auto c = static_cast<unsigned char>(json[i]);
    Promise(c >= ' ' && c != '"', "a JSON string ends where it ends");
    if (c == '\\') ++i;
  }
}

void TryMessage(std::string_view text) {
  const auto message = MessageTemplate::Parse(text);
  if (!message) return;
  const Labels labels{{.name = "site", .value = "lab"}};
  (void)message->Render({.device = "edge-1",
                         .rule = "HOT",
                         .metric = "temperature_celsius",
                         .value = 1e300,
                         .threshold = -0.5,
                         .labels = labels,
                         .device_labels = labels});
}

// A line with a pattern, and what is to be like it.
void TryMatcher(FuzzInput input) {
  const std::string pattern(input.Line());
  AlertEvent event;
  event.key.device = input.rest();
  const AlertMatcher is_like{.field = "device", .kind = MatchKind::kIsLike, .value = pattern};
  (void)Matches(is_like, event);
  const AlertMatcher all{.field = "device", .kind = MatchKind::kIsLike, .value = "*"};
  Promise(Matches(all, event), "* is like everything");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const edgefeed::FuzzInput input(data, size);
  edgefeed::TryUnits(input.rest());
  edgefeed::TryShown(input.rest());
  edgefeed::TryMessage(input.rest());
  edgefeed::TryMatcher(input);
  if (const auto window = edgefeed::RecurringWindow::Parse(input.rest())) {
    (void)window->Holds(edgefeed::FromUnixMillis(1'700'000'000'000));
  }
  return 0;
}
