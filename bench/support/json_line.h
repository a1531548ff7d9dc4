#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace edgefeed::bench {

// How often each thing happened.
using Counts = std::map<std::string, std::uint64_t>;

// A JSON object on one line: what a program of the benchmark hands to bench/run.
class JsonLine {
 public:
  JsonLine& Add(std::string_view key, std::string_view value);
  JsonLine& Add(std::string_view key, double value);
  JsonLine& Add(std::string_view key, const Counts& value);
  template <std::integral Integer>
  JsonLine& Add(std::string_view key, Integer value) {
    return AddRaw(key, std::to_string(value));
  }

  // Writes the line to stdout and flushes it.
  void Print() const;

 private:
  JsonLine& AddRaw(std::string_view key, std::string_view json);

  std::string members_;
};

}  // namespace edgefeed::bench
