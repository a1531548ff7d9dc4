#pragma once

#include <string>
#include <string_view>

#include "collector/alerts/booked_alert.h"
#include "collector/alerts/silence.h"
#include "common/base/result.h"
#include "common/model/alert_event.h"

// Alerts as bytes in alerts.db: FORMAT.md has them. What cannot be read is DATA_LOSS.
namespace edgefeed {

std::string EncodeEvent(const AlertEvent& event);
Result<AlertEvent> DecodeEvent(std::string_view bytes);

// Without what is not kept.
std::string EncodeAlert(const BookedAlert& alert);
Result<BookedAlert> DecodeAlert(std::string_view bytes);

std::string EncodeSilence(const Silence& silence);
Result<Silence> DecodeSilence(std::string_view bytes);

}  // namespace edgefeed
