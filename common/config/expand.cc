#include "common/config/expand.h"

#include <algorithm>
#include <cctype>

namespace edgefeed {
namespace {

constexpr int kMaxNesting = 8;  // Of defaults in defaults.

Error Invalid(std::string message) { return Error{Code::kInvalidArgument, std::move(message)}; }

bool IsVariableName(std::string_view name) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, allowed);
}

// Where the } is that closes the ${ at the start of `text`.
std::size_t FindClosing(std::string_view text) {
  int open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && (text[i + 1] == '$' || text[i + 1] == '{')) {
      if (text[++i] == '{') ++open;
    } else if (text[i] == '}' && --open == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Protobuf refuses to carry other text, so it is refused at the door. Only the shape is checked.
bool IsUtf8(std::string_view text) {
  int following = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0) == 0x80;
    if (continues != (following > 0)) return false;
    if (continues) {
      --following;
    } else if (byte >= 0xC2 && byte <= 0xDF) {
      following = 1;
    } else if ((byte & 0xF0) == 0xE0) {
      following = 2;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      following = 3;
    } else if (byte >= 0x80) {
      return false;
    }
  }
  return following == 0;
}

class Expander {
 public:
  explicit Expander(const Environment& environment) : environment_(environment) {}

  Result<std::string> Expand(std::string_view text, int nesting) const {
    std::string expanded;
    while (!text.empty()) {
      const auto dollar = std::min(text.find('$'), text.size());
      expanded += text.substr(0, dollar);
      text.remove_prefix(dollar);
      if (text.starts_with("$$")) {
        expanded += '$';
        text.remove_prefix(2);
      } else if (text.starts_with("${")) {
        const auto closing = FindClosing(text);
        if (closing == std::string_view::npos)
          return Invalid("a ${ has no closing }; write $$ for a $");
        const auto value = Variable(text.substr(2, closing - 2), nesting);
        if (!value) return value.error();
        expanded += *value;
        text.remove_prefix(closing + 1);
      } else if (!text.empty()) {
        expanded += '$';
        text.remove_prefix(1);
      }
    }
    return expanded;
  }

 private:
  // `inside`: what stands between the braces.
  Result<std::string> Variable(std::string_view inside, int nesting) const {
    const auto separator = inside.find(":-");
    const std::string name(inside.substr(0, separator));
    if (!IsVariableName(name)) {
      return Invalid("'${" + std::string(inside) + "}' is neither ${NAME} nor ${NAME:-default}");
    }
    const auto value = environment_(name);
    if (separator == std::string_view::npos) {
      if (!value) {
        return Invalid("the environment variable " + name + " is not set; ${" + name +
                       ":-default} gives it a default");
      }
    } else if (!value || value->empty()) {
      if (nesting == kMaxNesting)
        return Invalid("defaults are nested too deeply, at most 8 are allowed");
      return Expand(inside.substr(separator + 2), nesting + 1);
    }
    if (!IsUtf8(*value)) return Invalid("the environment variable " + name + " is not valid UTF-8");
    return *value;
  }

  const Environment& environment_;
};

}  // namespace

Result<std::string> ExpandVariables(std::string_view text, const Environment& environment) {
  return Expander(environment).Expand(text, 0);
}

}  // namespace edgefeed
