#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/config/environment.h"

namespace edgefeed {

struct YamlNode;
struct YamlContext;  // What the readers of one file share.

enum class ListForm { kList, kListOrOne };  // Whether `key: value` may stand for `key: [value]`.
enum class SectionForm { kMapping, kMappingOrOff };
enum class SectionState { kAbsent, kRead, kOff, kInvalid };

// Reads one mapping of a YAML file into a struct that already holds the defaults: a key that is
// absent, or wrong, leaves its field alone. Nothing stops at an error; ReadYaml() reports them all.
// Every key that is asked for is known, every other one in the file is an error, so ask for all of
// them, whatever the file holds.
//
// A `parse` turns a scalar's text, variables expanded, into Result<value>; the error says what was
// found and what is allowed, and the reader adds where. common/config/scalars.h has the usual ones.
//
// Valid only during the call that passed it.
class YamlReader {
 public:
  YamlReader(const YamlNode& mapping, std::string path, YamlContext& context);

  [[nodiscard]] bool Has(std::string_view key) const;
  // "file:line:column" of a key's value; where the mapping starts when the key is absent.
  [[nodiscard]] std::string Where(std::string_view key) const;
  // What relative paths start from: where the file is.
  [[nodiscard]] const std::filesystem::path& directory() const;

  template <typename T, typename Parse>
  void Read(std::string_view key, T& value, const Parse& parse) {
    ForScalar(key, [&](std::string_view text) { return Assign(parse(text), value); });
  }

  // A list of scalars replaces the default as a whole.
  template <typename T, typename Parse>
  void ReadList(std::string_view key, std::vector<T>& values, const Parse& parse,
                ListForm form = ListForm::kList) {
    std::vector<T> read;
    const bool valid = ForEachScalar(
        key, form, [&](std::string_view text) { return Assign(parse(text), read.emplace_back()); });
    if (valid) values = std::move(read);
  }

  // So does a list of mappings; read_item(YamlReader&) returns one element.
  template <typename T, typename ReadItem>
  void ReadItems(std::string_view key, std::vector<T>& values, const ReadItem& read_item) {
    std::vector<T> read;
    const bool valid =
        ForEachMapping(key, [&](YamlReader& item) { read.push_back(read_item(item)); });
    if (valid) values = std::move(read);
  }

  // A list of mappings that `read_item` does something else with. True when the key is there and
  // nothing in it was refused.
  bool ReadEach(std::string_view key, const std::function<void(YamlReader&)>& read_item) {
    return ForEachMapping(key, read_item);
  }

  // A mapping whose keys are data. A refused entry is reported where its key stands.
  void ReadMap(
      std::string_view key,
      const std::function<Status(const std::string& name, const std::string& value)>& take);

  // A mapping within the mapping. `key:` with nothing after it is an empty one.
  SectionState Section(std::string_view key, const std::function<void(YamlReader&)>& read,
                       SectionForm form = SectionForm::kMapping);

  // Reports a key that must be given here and is not.
  void Require(std::string_view key);
  // Reports what is wrong with a key's value; where the mapping starts when the key is absent.
  void Report(std::string_view key, const std::string& what);
  // Reports the keys in the file that nobody asked for. Call last.
  void ReportUnknownKeys();

 private:
  using TakeScalar = std::function<Status(std::string_view text)>;

  template <typename T, typename U>
  static Status Assign(Result<T> parsed, U& value) {
    if (!parsed) return parsed.error();
    value = *std::move(parsed);
    return {};
  }

  const YamlNode* Ask(std::string_view key);
  [[nodiscard]] const YamlNode* Find(std::string_view key) const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;
  void ReportDuplicates(const YamlNode& mapping, const std::string& path);
  // True when the key is there and nothing in it was refused.
  bool ForEachScalar(std::string_view key, ListForm form, const TakeScalar& take);
  bool ForEachMapping(std::string_view key, const std::function<void(YamlReader&)>& read);
  void Take(const YamlNode& node, const std::string& path, const TakeScalar& take);
  void ForScalar(std::string_view key, const TakeScalar& take);

  const YamlNode& mapping_;
  std::string path_;  // "" for the whole file, "outbox", "rules[0]".
  YamlContext& context_;
  std::vector<std::string> known_;
};

using ReadConfig = std::function<void(YamlReader& root)>;

// Reads a YAML text that came from `file`. INVALID_ARGUMENT holds one line for each thing that is
// wrong, in the order of the file: "file:line:column: path.to.key: what was found and is allowed".
// Text that is not YAML gives the first syntax error only.
Status ReadYaml(std::string_view text, const std::filesystem::path& file,
                const Environment& environment, const ReadConfig& read);

// The same from the file itself, which may have up to 1 MiB.
Status ReadYamlFile(const std::filesystem::path& file, const Environment& environment,
                    const ReadConfig& read);

}  // namespace edgefeed
