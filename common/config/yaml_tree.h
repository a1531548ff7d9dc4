#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

// Where something stands in a file, counted from 1.
struct YamlPlace {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const YamlPlace&, const YamlPlace&) = default;
};

// A parsed YAML document: plain data, nothing of it interpreted.
struct YamlNode {
  enum class Type { kNull, kScalar, kList, kMapping };

  Type type = Type::kNull;
  YamlPlace place;
  std::string text;             // Of a scalar.
  std::vector<YamlNode> items;  // Of a list or a mapping.
  std::string key;              // Within a mapping.
  YamlPlace key_place;          // Elsewhere the same as `place`.
};

// The one document that `text` holds; an empty text is an empty mapping. Aliases and tags are
// refused (a configuration needs neither, and an alias can make a small file huge), and so is
// nesting beyond 16 levels. INVALID_ARGUMENT: "file:line:column: what is wrong".
Result<YamlNode> ParseYaml(std::string_view file, std::string_view text);

}  // namespace edgefeed
