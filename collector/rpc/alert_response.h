#pragma once

#include "collector/alerts/alert_book.h"
#include "collector/alerts/booked_alert.h"
#include "collector/alerts/silence.h"

namespace edgefeed {

// Messages of alerts.proto.
class ActiveAlert;
class AlertHistoryEntry;
class AlertSilence;

void ToWire(const BookedAlert& alert, ActiveAlert& wire);
void ToWire(const AlertLogEntry& entry, AlertHistoryEntry& wire);
void ToWire(const Silence& silence, const SilenceList& silences, AlertSilence& wire);
Silence FromWire(const AlertSilence& wire);

}  // namespace edgefeed
