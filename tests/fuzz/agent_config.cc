// agent.yaml, with everything below it that reads a text: numbers, durations, sizes, addresses,
// variables.
#include "agent/app/config.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "UNSET") return std::nullopt;
    return name;
  };
  const auto text = edgefeed::FuzzInput(data, size).rest();
  const auto config = edgefeed::ParseAgentConfig(text, "/nowhere/agent.yaml", environment);
  edgefeed::Promise(config || !config.error().message.empty(), "a refusal says why");
  return 0;
}
