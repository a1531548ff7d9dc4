#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/preferences.h"

namespace edgefeed {

// What edgefeedctl is given by its process.
struct Surroundings {
  const Environment& environment;
  const Clock& clock;
  const MakeClient& make_client;
  Console& console;
};

// edgefeedctl with these arguments (without the program's name). Returns its exit code.
int RunCtl(const std::vector<std::string>& arguments, const Surroundings& surroundings);

}  // namespace edgefeed
